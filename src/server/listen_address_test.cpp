#include "server/listen_address.h"

#include <gtest/gtest.h>

namespace matricula::server {
namespace {

TEST(ListenAddress, ClientsOfAllAddressesAreSentToTheLoopback) {
  const auto url = [](const std::string& text) {
    const auto address = read_listen_address("--listen", text);
    return address ? url_of("http", client_address(*address), address->port) : text;
  };
  EXPECT_EQ(url("0.0.0.0:8080"), "http://127.0.0.1:8080");
  EXPECT_EQ(url("[::]:8080"), "http://[::1]:8080");
  EXPECT_EQ(url("[0:0::0]:8080"), "http://[::1]:8080");
  EXPECT_EQ(url("192.0.2.1:80"), "http://192.0.2.1:80");
  EXPECT_EQ(url("[2001:db8::1]:80"), "http://[2001:db8::1]:80");
  EXPECT_EQ(url("localhost:80"), "http://localhost:80");
}

}  // namespace
}  // namespace matricula::server
