#include "http/forwarded.h"

#include <gtest/gtest.h>
#include <vector>

#include "http/testing_client.h"

namespace matricula::http {
namespace {

// The client's address as it is believed when the peer is `peer` and 10.0.0.0/8 and ::1 are
// trusted.
std::string client(std::string_view peer, const std::vector<std::string_view>& lists) {
  const std::vector<Network> trusted{*parse_network("10.0.0.0/8"), *parse_network("::1")};
  std::vector<Header> headers;
  headers.reserve(lists.size());
  for (const std::string_view list : lists) {
    headers.push_back({.name = "x-forwarded-for", .value = list});
  }
  Request request{.headers = headers, .remote_address = peer};
  apply_forwarded(request, trusted);
  return std::string(request.remote_address);
}

TEST(Forwarded, APeerThatIsNotTrustedIsTheClient) {
  EXPECT_EQ(client("192.0.2.1", {"198.51.100.7"}), "192.0.2.1");
  EXPECT_EQ(client("192.0.2.1", {}), "192.0.2.1");
}

TEST(Forwarded, ATrustedPeerTellsWhomItHeardFrom) {
  EXPECT_EQ(client("10.0.0.1", {"198.51.100.7"}), "198.51.100.7");
  EXPECT_EQ(client("::ffff:10.0.0.1", {"2001:db8::7"}), "2001:db8::7");
  EXPECT_EQ(client("10.0.0.1", {}), "10.0.0.1");
}

TEST(Forwarded, WhatAClientWritesItselfIsNeverReached) {
  EXPECT_EQ(client("10.0.0.1", {"203.0.113.9, 198.51.100.7"}), "198.51.100.7");
  EXPECT_EQ(client("10.0.0.1", {"10.9.9.9, 198.51.100.7"}), "198.51.100.7");
  EXPECT_EQ(client("10.0.0.1", {"203.0.113.9", "198.51.100.7"}), "198.51.100.7");
}

TEST(Forwarded, AChainOfTrustedProxiesIsFollowed) {
  EXPECT_EQ(client("::1", {"203.0.113.9, 198.51.100.7, 10.0.0.2,10.0.0.1"}), "198.51.100.7");
  EXPECT_EQ(client("::1", {"198.51.100.7, 10.0.0.2", "10.0.0.1"}), "198.51.100.7");
  EXPECT_EQ(client("::1", {"10.0.0.3, 10.0.0.2"}), "10.0.0.3");
}

TEST(Forwarded, PortsAreLeftAway) {
  EXPECT_EQ(client("10.0.0.1", {"198.51.100.7:4711"}), "198.51.100.7");
  EXPECT_EQ(client("10.0.0.1", {"[2001:db8::7]:4711"}), "2001:db8::7");
}

TEST(Forwarded, TextThatIsNoAddressEndsTheReading) {
  for (const std::string_view list : {"unknown", "", " ", ",", "10.0.0.2/8", "[", "[]", ":"}) {
    EXPECT_EQ(client("10.0.0.1", {list}), "10.0.0.1") << list;
  }
  EXPECT_EQ(client("10.0.0.1", {"198.51.100.7, unknown, 10.0.0.2"}), "10.0.0.2");
}

TEST(Forwarded, EmptyMembersAreSkipped) {
  EXPECT_EQ(client("10.0.0.1", {"198.51.100.7, , 10.0.0.2,"}), "198.51.100.7");
  EXPECT_EQ(client("10.0.0.1", {"198.51.100.7", "", ","}), "198.51.100.7");
}

bool tls_of(std::string_view protocol, std::string_view list = "198.51.100.7") {
  const std::vector<Network> trusted{*parse_network("10.0.0.0/8")};
  const std::vector<Header> headers{{.name = "X-Forwarded-For", .value = list},
                                    {.name = "X-Forwarded-Proto", .value = protocol}};
  Request request{.headers = headers, .remote_address = "10.0.0.1"};
  apply_forwarded(request, trusted);
  return request.tls;
}

TEST(Forwarded, TheProtocolIsTheFirstOfItsListInAnyCase) {
  EXPECT_TRUE(tls_of("https"));
  EXPECT_TRUE(tls_of("HTTPS"));
  EXPECT_TRUE(tls_of("https, http"));
  EXPECT_TRUE(tls_of("https,https"));
  EXPECT_FALSE(tls_of("http, https"));
  EXPECT_FALSE(tls_of("httpsx"));
  EXPECT_FALSE(tls_of(""));
}

TEST(Forwarded, TheProtocolHoldsWhateverTheListOfAddressesIs) {
  EXPECT_TRUE(tls_of("https", "unknown"));
  EXPECT_TRUE(tls_of("https", ""));
}

TEST(Forwarded, TlsIsBelievedOfATrustedPeerAlone) {
  const std::vector<Network> trusted{*parse_network("10.0.0.0/8")};
  const std::vector<Header> headers{{.name = "X-Forwarded-Proto", .value = "https"}};
  for (const auto& [peer, tls] : {std::pair("10.0.0.1", true), std::pair("192.0.2.1", false)}) {
    Request request{.headers = headers, .remote_address = peer};
    apply_forwarded(request, trusted);
    EXPECT_EQ(request.tls, tls) << peer;
  }
}

TEST(Forwarded, WhatTheServerItselfRefusesIsThatOfTheClientToo) {
  ServerConfig config = TestServer::quick_config();
  config.trusted_proxies = {*parse_network("127.0.0.0/8")};
  config.body_timeout = std::chrono::milliseconds(50);
  config.add_fields = [](const Request& request, HeaderLines& fields) {
    fields.add("X-Client", request.remote_address);
    fields.add("X-Tls", request.tls ? "yes" : "no");
  };
  TestServer server(echo, config);
  for (const auto& [length, status] : {std::pair("262145", 413), std::pair("2", 408)}) {
    const Answer answer =
        RawClient(server.port())
            .ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::string(length) +
                 "\r\nX-Forwarded-For: 198.51.100.7\r\n"
                 "X-Forwarded-Proto: https\r\n\r\n");
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.header("X-Client"), "198.51.100.7") << status;
    EXPECT_EQ(answer.header("X-Tls"), "yes") << status;
  }
  // Where no field was read, the proxy is all that is known.
  const Answer answer = RawClient(server.port()).ask("GET\r\n\r\n");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.header("X-Client"), "127.0.0.1");
}

}  // namespace
}  // namespace matricula::http
