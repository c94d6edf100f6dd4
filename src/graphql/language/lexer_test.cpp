#include "graphql/language/lexer.h"

#include <gtest/gtest.h>
#include <memory_resource>
#include <string>
#include <vector>

#include "graphql/language/diagnostic.h"

namespace matricula::graphql {
namespace {

std::vector<std::string> tokens(std::string_view source) {
  std::pmr::monotonic_buffer_resource memory;
  Lexer lexer(source, memory);
  std::vector<std::string> texts;
  while (true) {
    const Token token = lexer.next();
    texts.push_back(token_text(token));
    if (token.kind == TokenKind::kEndOfFile || token.kind == TokenKind::kError) {
      return texts;
    }
  }
}

using Texts = std::vector<std::string>;

TEST(Lexer, ReadsEveryPunctuator) {
  EXPECT_EQ(tokens("! $ & ( ) ... : = @ [ ] { | }"),
            (Texts{"\"!\"", "\"$\"", "\"&\"", "\"(\"", "\")\"", "\"...\"", "\":\"", "\"=\"",
                   "\"@\"", "\"[\"", "\"]\"", "\"{\"", "\"|\"", "\"}\"", "<EOF>"}));
}

TEST(Lexer, ReadsNamesAndNumbersAsWritten) {
  EXPECT_EQ(
      tokens("_a1 -0 4.123E-3 0e+7"),
      (Texts{R"(Name "_a1")", R"(Int "-0")", R"(Float "4.123E-3")", R"(Float "0e+7")", "<EOF>"}));
}

TEST(Lexer, SkipsBlanksCommasCommentsAndByteOrderMarks) {
  EXPECT_EQ(tokens("\xEF\xBB\xBF,\t a,,\r\n#comment, \"é\"\rb#end"),
            (Texts{R"(Name "a")", R"(Name "b")", "<EOF>"}));
}

TEST(Lexer, ReadsNoFurtherThanAsked) {
  std::pmr::monotonic_buffer_resource memory;
  Lexer lexer("a ?", memory);
  EXPECT_EQ(lexer.next().kind, TokenKind::kName);
  EXPECT_EQ(lexer.next().kind, TokenKind::kError);
  EXPECT_EQ(lexer.error().message, R"(Unexpected character: "?".)");
  EXPECT_EQ(lexer.error().offset, 2U);
  EXPECT_EQ(lexer.next().kind, TokenKind::kError);
}

TEST(Locations, CountLinesAndUtf16Columns) {
  EXPECT_EQ(location_at("", 0), (Location{1, 1}));
  EXPECT_EQ(location_at("a\nb\r\nc\rd", 2), (Location{2, 1}));
  EXPECT_EQ(location_at("a\nb\r\nc\rd", 5), (Location{3, 1}));
  EXPECT_EQ(location_at("a\nb\r\nc\rd", 7), (Location{4, 1}));
  EXPECT_EQ(location_at("é😀x", 6), (Location{1, 4}));
}

}  // namespace
}  // namespace matricula::graphql
