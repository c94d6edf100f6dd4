#include "ratelimit/identity.h"

#include <gtest/gtest.h>

namespace matricula::ratelimit {
namespace {

TEST(Identity, AnIpv4AddressCountsWhole) {
  EXPECT_EQ(address_identity("203.0.113.7"), address_identity("203.0.113.7"));
  EXPECT_NE(address_identity("203.0.113.7"), address_identity("203.0.113.8"));
}

TEST(Identity, AnIpv4AddressInIpv6ClothesIsTheSame) {
  EXPECT_EQ(address_identity("::ffff:203.0.113.7"), address_identity("203.0.113.7"));
}

TEST(Identity, AddressesBehindATranslatorCountEachForItself) {
  EXPECT_EQ(address_identity("64:ff9b::203.0.113.7"), address_identity("203.0.113.7"));
  EXPECT_NE(address_identity("64:ff9b::203.0.113.7"), address_identity("64:ff9b::203.0.113.8"));
}

TEST(Identity, AnIpv6AddressCountsByItsFirst64Bits) {
  EXPECT_EQ(address_identity("2001:db8:1:2::1"), address_identity("2001:db8:1:2:ffff::9"));
  EXPECT_NE(address_identity("2001:db8:1:2::1"), address_identity("2001:db8:1:3::1"));
}

TEST(Identity, TextThatIsNoAddressCountsAsItStands) {
  EXPECT_EQ(address_identity("unix"), address_identity("unix"));
  EXPECT_NE(address_identity("unix"), address_identity("other"));
}

TEST(Identity, KindsAndPairsNeverShareACount) {
  EXPECT_NE(identity_of(IdentityKind::kToken, "a"), identity_of(IdentityKind::kUser, "a"));
  EXPECT_NE(address_identity(IdentityKind::kAddressAndClient, "ab", "c"),
            address_identity(IdentityKind::kAddressAndClient, "a", "bc"));
  EXPECT_EQ(address_identity(IdentityKind::kAddressAndEmail, "2001:db8::1", "c"),
            address_identity(IdentityKind::kAddressAndEmail, "2001:db8::2", "c"));
}

}  // namespace
}  // namespace matricula::ratelimit
