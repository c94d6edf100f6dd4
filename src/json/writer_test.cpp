#include "json/writer.h"

#include <gtest/gtest.h>
#include <vector>

namespace matricula::json {
namespace {

template <typename Append, typename Value>
std::string written(Append append, const Value& value) {
  std::string out;
  append(out, value);
  return out;
}

TEST(JsonWriter, FloatsAreTheShortestTextThatReadsBackTheSame) {
  EXPECT_EQ(written(append_float, 80.0), "80");
  EXPECT_EQ(written(append_float, 0.1), "0.1");
  EXPECT_EQ(written(append_float, 1e300), "1e+300");
  EXPECT_EQ(written(append_float, -2.5), "-2.5");
}

TEST(JsonWriter, IntegersReachBothEnds) {
  EXPECT_EQ(written(append_integer, INT64_MIN), "-9223372036854775808");
  EXPECT_EQ(written(append_integer, INT64_MAX), "9223372036854775807");
}

TEST(JsonWriter, TimesAndUuidsAreStrings) {
  EXPECT_EQ(written(append_time, Timestamp{0}), R"("1970-01-01T00:00:00Z")");
  std::vector<std::byte> bytes(16, std::byte{0xAB});
  EXPECT_EQ(written(append_uuid, std::span<const std::byte>(bytes)),
            R"("abababab-abab-abab-abab-abababababab")");
}

}  // namespace
}  // namespace matricula::json
