#include "records/uuid.h"

#include <gtest/gtest.h>

namespace matricula::records {
namespace {

TEST(Uuid, IsReadInEitherCaseAndWrittenInLower) {
  UuidBytes uuid{};
  ASSERT_TRUE(read_uuid("01234567-89AB-cdef-FEDC-ba9876543210", uuid));
  std::string text;
  append_uuid(text, uuid);
  EXPECT_EQ(text, "01234567-89ab-cdef-fedc-ba9876543210");
  EXPECT_FALSE(read_uuid("0123456789abcdeffedcba9876543210", uuid));
  EXPECT_FALSE(read_uuid("", uuid));
}

}  // namespace
}  // namespace matricula::records
