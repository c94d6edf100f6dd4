#include "base/text.h"

#include <gtest/gtest.h>

#include "base/escape.h"

namespace matricula {
namespace {

TEST(Text, LowerCaseIsTheSimpleMapping) {
  EXPECT_EQ(to_lower("ÄÉ Straße ΣΑΣ"), "äé straße σασ");
  EXPECT_EQ(to_lower("\xC4\xB0"), "i");  // U+0130: one code point, unlike the full mapping.
}

TEST(Text, LowerCaseKeepsWhatIsNoUtf8) {
  EXPECT_EQ(to_lower("A\xff\xC3"), "a\xff\xC3");
}

TEST(Text, Utf8RefusesSurrogatesAndOverlongForms) {
  EXPECT_TRUE(is_utf8("日本\xF0\x9F\x98\x80"));
  EXPECT_FALSE(is_utf8("\xED\xA0\x80"));
  EXPECT_FALSE(is_utf8("\xC0\x80"));
  EXPECT_FALSE(is_utf8("\xE6\x97"));
}

TEST(Text, HexDigitsAreOfEitherCase) {
  for (int c = 0; c < 256; ++c) {
    const std::string_view digits = "0123456789abcdefABCDEF";
    const std::size_t place = digits.find(static_cast<char>(c));
    const int value =
        place == std::string_view::npos ? -1 : static_cast<int>(place < 16 ? place : place - 6);
    EXPECT_EQ(hex_value(static_cast<char>(c)), value) << c;
  }
}

TEST(Text, Base64UrlRoundTripsAndIsStrict) {
  std::string out;
  for (const std::string bytes : {"", "a", "ab", "abc", "\xff\xfe\xfd"}) {
    ASSERT_TRUE(from_base64url(to_base64url(bytes), out));
    EXPECT_EQ(out, bytes);
  }
  EXPECT_FALSE(from_base64url("a", out));
  EXPECT_FALSE(from_base64url("YQ==", out));
  EXPECT_FALSE(from_base64url("YR", out));
}

TEST(Text, JsonStringEscapesOnlyWhatItMust) {
  std::string out;
  append_json_string(out, "a\"\\\n\x01é/");
  EXPECT_EQ(out, "\"a\\\"\\\\\\n\\u0001é/\"");
}

}  // namespace
}  // namespace matricula
