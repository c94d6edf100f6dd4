#include <gtest/gtest.h>
#include <string>

#include "json/value.h"

namespace matricula::json {
namespace {

Value value(std::string_view text) {
  const Result<Value> result = read(text);
  EXPECT_TRUE(result.has_value()) << result.error().message;
  return result.value_or(Value{});
}

std::string refused(std::string_view text) {
  const Result<Value> result = read(text);
  EXPECT_FALSE(result.has_value()) << text;
  return result ? "" : result.error().message;
}

std::string string_of(std::string_view text) {
  return std::get<std::string>(value(text).data);
}

TEST(JsonReader, ReadsEveryKindOfValue) {
  const Value read =
      value(R"( { "a" : [ 1 , -0.5e+3 ] , "b":{"c":null}, "d":true,"e":false,"":"" } )");
  const auto& list = std::get<Value::Array>(read.member("a")->data);
  EXPECT_EQ(std::get<Value::Number>(list[0].data).text, "1");
  EXPECT_EQ(std::get<Value::Number>(list[1].data).text, "-0.5e+3");
  EXPECT_TRUE(read.member("b")->member("c")->is_null());
  EXPECT_EQ(std::get<bool>(read.member("d")->data), true);
  EXPECT_EQ(std::get<bool>(read.member("e")->data), false);
  EXPECT_EQ(std::get<std::string>(read.member("")->data), "");
  EXPECT_EQ(read.member("missing"), nullptr);
  EXPECT_TRUE(std::get<Value::Array>(value("[]").data).empty());
  EXPECT_TRUE(value("{}").object()->empty());
}

TEST(JsonReader, NumbersKeepTheirText) {
  for (const std::string text : {"0", "-0", "12345678901234567890", "1E400", "0.10", "2e-7"}) {
    EXPECT_EQ(std::get<Value::Number>(value(text).data).text, text);
  }
}

TEST(JsonReader, StringsAreUnescaped) {
  EXPECT_EQ(string_of(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(string_of(R"("\u0041\u00e9\u20AC\uD83D\uDE00 é😀")"), "Aé€😀 é😀");
}

TEST(JsonReader, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(refused(""), "invalid JSON at byte 0: expected a value");
  EXPECT_EQ(refused("{"), "invalid JSON at byte 1: expected a name in quotes");
  EXPECT_EQ(refused("{a:1}"), "invalid JSON at byte 1: expected a name in quotes");
  EXPECT_EQ(refused(R"({"a" 1})"), "invalid JSON at byte 5: expected \":\"");
  EXPECT_EQ(refused(R"({"a":1,})"), "invalid JSON at byte 7: expected a name in quotes");
  EXPECT_EQ(refused(R"({"a":1 "b":2})"), "invalid JSON at byte 7: expected \",\" or \"}\"");
  EXPECT_EQ(refused("[1,]"), "invalid JSON at byte 3: expected a value");
  EXPECT_EQ(refused("[1"), "invalid JSON at byte 2: expected \",\" or \"]\"");
  EXPECT_EQ(refused("nul"), "invalid JSON at byte 0: expected a value");
  EXPECT_EQ(refused("1 2"), "invalid JSON at byte 2: unexpected text after the value");
  EXPECT_EQ(refused("\xEF\xBB\xBF"), "invalid JSON at byte 3: expected a value");
  EXPECT_EQ(refused("\xEF\xBB\xBF\xEF\xBB\xBF{}"), "invalid JSON at byte 3: expected a value");
  EXPECT_EQ(refused(" \xEF\xBB\xBF{}"), "invalid JSON at byte 1: expected a value");
}

TEST(JsonReader, RefusesNumbersThatAreNotJson) {
  EXPECT_EQ(refused("01"), "invalid JSON at byte 0: a number must not start with a zero");
  EXPECT_EQ(refused("-"), "invalid JSON at byte 1: expected a digit");
  EXPECT_EQ(refused("1."), "invalid JSON at byte 2: expected a digit");
  EXPECT_EQ(refused("1e+"), "invalid JSON at byte 3: expected a digit");
  EXPECT_EQ(refused("+1"), "invalid JSON at byte 0: expected a value");
  EXPECT_EQ(refused("NaN"), "invalid JSON at byte 0: expected a value");
  EXPECT_EQ(refused("1e+-2"), "invalid JSON at byte 3: expected a digit");
}

TEST(JsonReader, RefusesStringsThatAreNotText) {
  EXPECT_EQ(refused("\"a"), "invalid JSON at byte 0: the string does not end");
  EXPECT_EQ(refused("\"a\nb\""),
            "invalid JSON at byte 2: a control character in a string must be escaped");
  EXPECT_EQ(refused(R"("\x")"), "invalid JSON at byte 1: unknown escape in a string");
  EXPECT_EQ(refused(R"("\u12G4")"), "invalid JSON at byte 1: \\u needs four hexadecimal digits");
  for (const char* const half :
       {R"("\uD83D")", R"("\uDE00")", R"("\uD83Dx")", R"("\uD83D\u0041")"}) {
    EXPECT_EQ(refused(half),
              "invalid JSON at byte 1: a string must not have half of a surrogate pair");
  }
  EXPECT_EQ(refused(std::string_view("\"\0\"", 3)),
            "invalid JSON at byte 1: a control character in a string must be escaped");
  EXPECT_EQ(refused("\"\xFF\""), "invalid JSON: the text is not UTF-8");
}

TEST(JsonReader, AByteOrderMarkBeforeTheTextIsIgnored) {
  EXPECT_TRUE(value("\xEF\xBB\xBF{}").object()->empty());
  EXPECT_EQ(string_of("\xEF\xBB\xBF \"\xEF\xBB\xBF\""), "\xEF\xBB\xBF");
}

TEST(JsonReader, NulIsACharacterLikeOthers) {
  EXPECT_EQ(string_of(R"("\u0000")"), std::string(1, '\0'));
  EXPECT_EQ(string_of(R"("a\u0000b")"), std::string("a\0b", 3));
  EXPECT_EQ(value(R"({"\u0000":1})").object()->front().name, std::string(1, '\0'));
}

TEST(JsonReader, RefusesANameThatStandsTwice) {
  EXPECT_EQ(refused(R"([{"a":1,"b":2,"\u0061":3}])"),
            "invalid JSON at byte 1: the object has the name \"a\" twice");
}

TEST(JsonReader, NestingIsBounded) {
  EXPECT_TRUE(read("[[{}]]", {.nesting = 3}).has_value());
  const Result<Value> deep = read("[[{\"a\":[]}]]", {.nesting = 3});
  ASSERT_FALSE(deep.has_value());
  EXPECT_EQ(deep.error().code, ErrorCode::kLimitExceeded);
  EXPECT_EQ(deep.error().message,
            "JSON nests deeper than 3 levels, the limit \"nesting\" of this server.");
  EXPECT_FALSE(read(std::string(1'000'000, '[')).has_value());
}

TEST(Reader, HalvesOfSurrogatePairsAreKeptForWhoAsksForThat) {
  const auto text = [](std::string_view json) {
    return std::get<std::string>(read(json, {.keeps_halves = true})->data);
  };
  EXPECT_EQ(text(R"("a\uD83D\u0041\uDE00\uD83D\uD83D\uDE00")"),
            "a\xED\xA0\xBD"
            "A\xED\xB8\x80\xED\xA0\xBD\xF0\x9F\x98\x80");
  EXPECT_EQ(text(R"("\uD83D\uDE00")"), "\xF0\x9F\x98\x80");
  EXPECT_FALSE(read(R"("\uD83D\u12")", {.keeps_halves = true}));
  EXPECT_FALSE(read("\"\xED\xA0\xBD\"", {.keeps_halves = true})) << "not UTF-8";
}

}  // namespace
}  // namespace matricula::json
