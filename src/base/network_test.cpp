#include "base/network.h"

#include <gtest/gtest.h>

namespace matricula {
namespace {

TEST(Network, ReadsBothFamiliesWithAndWithoutAPrefix) {
  EXPECT_EQ(network_text(*parse_network("192.0.2.0/24")), "192.0.2.0/24");
  EXPECT_EQ(network_text(*parse_network("192.0.2.7")), "192.0.2.7/32");
  EXPECT_EQ(network_text(*parse_network("0.0.0.0/0")), "0.0.0.0/0");
  EXPECT_EQ(network_text(*parse_network("2001:DB8::/32")), "2001:db8::/32");
  EXPECT_EQ(network_text(*parse_network("::1")), "::1/128");
  EXPECT_EQ(network_text(*parse_network("::/0")), "::/0");
}

TEST(Network, RefusesSlips) {
  for (const std::string_view text : {"", "192.0.2.0/33", "192.0.2.1/24", "2001:db8::/129", "/8",
                                      "192.0.2.0/", "192.0.2.0/24 ", "192.0.2/24", "x"}) {
    EXPECT_EQ(parse_network(text), std::nullopt) << text;
  }
}

TEST(Network, EndsWhereItsTextDoesNotAtANul) {
  using namespace std::string_view_literals;
  for (const std::string_view text : {"192.0.2.1\0"sv, "192.0.2.1\0x"sv, "192.0.2.0\0/24"sv,
                                      "2001:db8::1\0"sv, "192.0.2.0/24\0"sv, "\0"sv}) {
    EXPECT_EQ(parse_network(text), std::nullopt) << text;
    EXPECT_FALSE(contains(*parse_network("::/0"), text)) << text;
  }
}

TEST(Network, ContainsItsAddressesHoweverTheyAreWritten) {
  const Network network = *parse_network("192.0.2.128/25");
  EXPECT_TRUE(contains(network, "192.0.2.128"));
  EXPECT_TRUE(contains(network, "192.0.2.255"));
  EXPECT_TRUE(contains(network, "::ffff:192.0.2.200"));
  EXPECT_FALSE(contains(network, "192.0.2.127"));
  EXPECT_FALSE(contains(network, "192.0.3.128"));
  EXPECT_FALSE(contains(network, "2001:db8::1"));
  EXPECT_FALSE(contains(network, "x"));
  EXPECT_TRUE(contains(*parse_network("2001:db8::/33"), "2001:db8:7fff::1"));
  EXPECT_FALSE(contains(*parse_network("2001:db8::/33"), "2001:db8:8000::1"));
}

TEST(NearestNetwork, IsThatOfAnAddressWithBitsBeyondItsPrefix) {
  EXPECT_EQ(nearest_network("10.0.0.1/8"), "10.0.0.0/8");
  EXPECT_EQ(nearest_network("192.0.2.129/25"), "192.0.2.128/25");
  EXPECT_EQ(nearest_network("192.0.2.1/0"), "0.0.0.0/0");
  EXPECT_EQ(nearest_network("2001:db8::1/32"), "2001:db8::/32");
  for (const std::string_view other : {"10.0.0.0/8", "10.0.0.1", "10.0.0.1/33", "10.0.0.1/",
                                       "10.0.0.1/8x", "2001:db8::1/129", "x/8", ""}) {
    EXPECT_EQ(nearest_network(other), std::nullopt) << other;
  }
}

TEST(ClientNetwork, IsAnIpv4AddressOr64BitsOfIpv6) {
  const auto text = [](std::string_view address) {
    const auto network = client_network(address);
    return network ? network_text(*network) : "none";
  };
  EXPECT_EQ(text("192.0.2.7"), "192.0.2.7/32");
  EXPECT_EQ(text("::ffff:192.0.2.7"), "192.0.2.7/32");
  EXPECT_EQ(text("64:ff9b::192.0.2.7"), "192.0.2.7/32");
  EXPECT_EQ(text("64:ff9b:1::192.0.2.7"), "64:ff9b:1::/64");
  EXPECT_EQ(text("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(text("192.0.2.0/24"), "none");
  EXPECT_EQ(text("unix"), "none");
}

}  // namespace
}  // namespace matricula
