#include "http/origin.h"

#include <gtest/gtest.h>

namespace matricula::http {
namespace {

bool own(std::string_view host, std::string_view origin, bool tls = false) {
  const Header header{"Host", host};
  return is_own_origin({.headers = {&header, 1}, .tls = tls}, origin);
}

TEST(Origin, ItIsTheAddressThatTheRequestWasSentTo) {
  EXPECT_TRUE(own("127.0.0.1:8080", "http://127.0.0.1:8080"));
  EXPECT_TRUE(own("Portal.Example", "http://portal.example"));
  EXPECT_TRUE(own("portal.example:80", "http://portal.example"));
  EXPECT_TRUE(own("[::1]:8080", "http://[::1]:8080"));
  EXPECT_TRUE(own("portal.example", "https://portal.example", true));
  EXPECT_TRUE(own("portal.example:443", "https://portal.example", true));
  // A proxy that is not trusted may have ended TLS.
  EXPECT_TRUE(own("portal.example", "https://portal.example"));
}

TEST(Origin, AnotherSchemeHostOrPortIsNotIt) {
  EXPECT_FALSE(own("portal.example", "http://portal.example", true));
  EXPECT_FALSE(own("portal.example", "https://evil.example"));
  EXPECT_FALSE(own("portal.example", "http://portal.example.evil.example"));
  EXPECT_FALSE(own("portal.example", "http://portal.example:8080"));
  EXPECT_FALSE(own("portal.example:80", "https://portal.example"));
  EXPECT_FALSE(own("portal.example", "null"));
  EXPECT_FALSE(own("portal.example", "ftp://portal.example"));
  EXPECT_FALSE(own("portal.example", ""));
  EXPECT_FALSE(own("", "http://"));
  EXPECT_FALSE(is_own_origin({}, "http://portal.example"));
}

}  // namespace
}  // namespace matricula::http
