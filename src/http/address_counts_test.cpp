#include "http/address_counts.h"

#include <gtest/gtest.h>
#include <vector>

namespace matricula::http {
namespace {

TEST(AddressCounts, CountsConnectionsWhileTheyExist) {
  AddressCounts counts;
  {
    const AddressCounts::Slot first = counts.take("192.0.2.1");
    AddressCounts::Slot second = counts.take("192.0.2.1");
    EXPECT_EQ(first.count(), 1U);
    EXPECT_EQ(second.count(), 2U);
    EXPECT_EQ(counts.take("192.0.2.2").count(), 1U);
    const AddressCounts::Slot moved(std::move(second));
    EXPECT_EQ(counts.take("192.0.2.1").count(), 3U);
  }
  EXPECT_EQ(counts.take("192.0.2.1").count(), 1U);
}

TEST(AddressCounts, ANetworkOf64BitsIsOneAddress) {
  AddressCounts counts;
  const AddressCounts::Slot held = counts.take("2001:db8:0:1::1");
  EXPECT_EQ(counts.take("2001:db8:0:1:ffff:ffff:ffff:ffff").count(), 2U);
  EXPECT_EQ(counts.take("2001:db8:0:2::1").count(), 1U);
}

TEST(AddressCounts, AnIpv4AddressIsTheSameWhenMappedAndNeverAnIpv6Network) {
  AddressCounts counts;
  const AddressCounts::Slot held = counts.take("127.0.0.1");
  EXPECT_EQ(counts.take("::ffff:127.0.0.1").count(), 2U);
  EXPECT_EQ(counts.take("::7f00:1").count(), 1U);
  EXPECT_EQ(counts.take("::1").count(), 1U);
}

TEST(AddressCounts, AddressesBehindATranslatorCountEachForItself) {
  AddressCounts counts;
  const AddressCounts::Slot one = counts.take("64:ff9b::192.0.2.1");
  EXPECT_EQ(counts.take("64:ff9b::192.0.2.2").count(), 1U);
  EXPECT_EQ(counts.take("192.0.2.1").count(), 2U);
}

TEST(AddressCounts, TextThatIsNoAddressIsOneAddress) {
  AddressCounts counts;
  const AddressCounts::Slot held = counts.take("unknown");
  EXPECT_EQ(counts.take("").count(), 2U);
}

}  // namespace
}  // namespace matricula::http
