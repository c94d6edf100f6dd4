#include "parquet/thrift.h"

#include <gtest/gtest.h>

namespace matricula::parquet {
namespace {

using namespace std::string_literals;

TEST(Thrift, AFieldsHeaderHoldsTheStepFromTheOneBefore) {
  std::string out;
  ThriftWriter thrift(out);
  thrift.begin_struct();
  thrift.i32_field(1, 1);
  thrift.i64_field(3, -1);
  thrift.binary_field(19, "ab");  // a step of 16 has the id behind the type
  thrift.end_struct();
  EXPECT_EQ(out,
            "\x15\x02\x26\x01\x08\x26\x02"
            "ab\0"s);
}

TEST(Thrift, FlagsHaveTheirValueInTheType) {
  std::string out;
  ThriftWriter thrift(out);
  thrift.begin_struct();
  thrift.flag_field(1, true);
  thrift.flag_field(2, false);
  thrift.end_struct();
  EXPECT_EQ(out, "\x11\x12\0"s);
}

TEST(Thrift, AListOfFifteenHasItsSizeBehindTheHeader) {
  for (const std::size_t size : {14, 15}) {
    std::string out;
    ThriftWriter thrift(out);
    thrift.begin_struct();
    thrift.begin_list_field(1, ThriftWriter::Element::kI32, size);
    EXPECT_EQ(out, size == 14 ? "\x19\xe5"s : "\x19\xf5\x0f"s);
  }
}

TEST(Thrift, AStructWithinCountsItsFieldsAnew) {
  std::string out;
  ThriftWriter thrift(out);
  thrift.begin_struct();
  thrift.begin_struct_field(5);
  thrift.i32_field(2, -2);
  thrift.end_struct();
  thrift.i32_field(6, 64);
  thrift.end_struct();
  EXPECT_EQ(out, "\x5c\x25\x03\0\x15\x80\x01\0"s);
}

}  // namespace
}  // namespace matricula::parquet
