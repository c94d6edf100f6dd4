#include "base/uuid.h"

#include <gtest/gtest.h>
#include <span>
#include <vector>

namespace matricula {
namespace {

TEST(Uuid, IsReadInEitherCaseAndWrittenInLower) {
  const auto uuid = read_uuid("01234567-89AB-cdef-FEDC-ba9876543210");
  ASSERT_TRUE(uuid.has_value());
  EXPECT_EQ(uuid->front(), std::byte{0x01});
  EXPECT_EQ(uuid->back(), std::byte{0x10});
  EXPECT_EQ(uuid_text(*uuid), "01234567-89ab-cdef-fedc-ba9876543210");
}

TEST(Uuid, OtherNumbersOfBytesAreWrittenToo) {
  const std::vector<std::byte> bytes(17, std::byte{0xAB});
  EXPECT_EQ(uuid_text({}), "00000000-0000-0000-0000-000000000000");
  EXPECT_EQ(uuid_text(std::span(bytes).first(2)), "abab0000-0000-0000-0000-000000000000");
  EXPECT_EQ(uuid_text(bytes), "abababab-abab-abab-abab-abababababab");
}

TEST(Uuid, TextIsEightFourFourFourTwelve) {
  EXPECT_FALSE(read_uuid(""));
  EXPECT_FALSE(read_uuid("0b7c9bd55f0c4a2e9d577c3b2f1a9e00"));
  EXPECT_FALSE(read_uuid("0b7c9bd5-5f0c-4a2e-9d57-7c3b2f1a9e0"));
  EXPECT_FALSE(read_uuid("0b7c9bd5-5f0c-4a2e-9d57-7c3b2f1a9e000"));
  EXPECT_FALSE(read_uuid("0b7c9bd5-5f0c-4a2e-9d57-7c3b2f1a9e0g"));
  EXPECT_FALSE(read_uuid("0b7c9bd55-f0c-4a2e-9d57-7c3b2f1a9e00"));
  EXPECT_FALSE(read_uuid("0b7c9bd5-5f0c-4a2e-9d57+7c3b2f1a9e00"));
}

}  // namespace
}  // namespace matricula
