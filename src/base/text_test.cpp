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

TEST(Text, NormalFormCIsComposed) {
  EXPECT_EQ(to_nfc("plain"), "plain");
  EXPECT_EQ(to_nfc("Zu\xCC\x88rich"), "Z\xC3\xBCrich");
  EXPECT_EQ(to_nfc("Z\xC3\xBCrich"), "Z\xC3\xBCrich");
  EXPECT_EQ(to_nfc("\xE2\x84\xAB"), "\xC3\x85");                   // the sign of the angstrom
  EXPECT_EQ(to_nfc("\xEF\xBD\x81"), "\xEF\xBD\x81");               // wide: another character
  EXPECT_EQ(to_nfc("e\xCC\x88\xCC\xA3"), "\xE1\xBA\xB9\xCC\x88");  // marks in their order
}

TEST(Text, BlankEndsAreSpacesOfAnyKindAndCharactersWithoutWidth) {
  for (const std::string_view blank :
       {" ", "\xC2\xA0", "\xE2\x80\x89", "\xE3\x80\x80", "\xEF\xBB\xBF", "\xE2\x80\x8B"}) {
    EXPECT_TRUE(has_blank_ends(blank));
    EXPECT_TRUE(has_blank_ends("é" + std::string(blank)));
    EXPECT_TRUE(has_blank_ends(std::string(blank) + "é"));
    EXPECT_FALSE(has_blank_ends("é" + std::string(blank) + "é"));
  }
  EXPECT_FALSE(has_blank_ends(""));
}

TEST(Text, ControlCharactersAreThoseOfUnicode) {
  for (const std::string_view control :
       {"\x01", "\t", "\x7f", "\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9"}) {
    EXPECT_TRUE(has_control_characters("a" + std::string(control) + "é"));
  }
  EXPECT_FALSE(has_control_characters("a é\xC2\xA0日本"));
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
