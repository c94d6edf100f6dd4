#include <gtest/gtest.h>
#include <memory_resource>
#include <string>

#include "graphql/language/lexer.h"

namespace matricula::graphql {
namespace {

// The value of a document that is one string.
std::string decoded(std::string_view source) {
  std::pmr::monotonic_buffer_resource memory;
  Lexer lexer(source, memory);
  const Token token = lexer.next();
  EXPECT_TRUE(token.kind == TokenKind::kString || token.kind == TokenKind::kBlockString);
  EXPECT_EQ(token.end, source.size());
  return std::string(token.text);
}

TEST(Strings, EscapesStandForTheirCharacters) {
  EXPECT_EQ(decoded(R"("")"), "");
  EXPECT_EQ(decoded(R"("simple")"), "simple");
  EXPECT_EQ(decoded(R"(" white space ")"), " white space ");
  EXPECT_EQ(decoded(R"("quote \" slashes \\ \/")"), "quote \" slashes \\ /");
  EXPECT_EQ(decoded(R"("\b\f\n\r\t")"), "\b\f\n\r\t");
}

TEST(Strings, UnicodeEscapesTakeFourDigitsBracesOrAPair) {
  EXPECT_EQ(decoded(R"("\u1234\u5678\u90AB\uCDEF")"), "\u1234\u5678\u90AB\uCDEF");
  EXPECT_EQ(decoded(R"("\u{1234}\u{10FFFF}\u{0}")"), std::string("\u1234\U0010FFFF\0", 8));
  EXPECT_EQ(decoded(R"("\uD83D\uDE00 \u{1F600} 😀")"), "😀 😀 😀");
  EXPECT_EQ(decoded(R"("\uDBFF\uDFFF\u{00000041}")"), "\U0010FFFFA");
}

TEST(BlockStrings, KeepWhatIsNoIndentation) {
  EXPECT_EQ(decoded(R"("""""")"), "");
  EXPECT_EQ(decoded(R"("""simple""")"), "simple");
  EXPECT_EQ(decoded(R"(""" white space """)"), " white space ");
  EXPECT_EQ(decoded(R"("""contains " quote""")"), "contains \" quote");
  EXPECT_EQ(decoded(R"("""contains \""" triple""")"), "contains \"\"\" triple");
  EXPECT_EQ(decoded(R"("""unescaped \n\u1234 slashes \\ \/""")"),
            R"(unescaped \n\u1234 slashes \\ \/)");
  EXPECT_EQ(decoded("\"\"\" \t \"\"\""), "");
}

TEST(BlockStrings, LinesEndAtLfCrAndCrlf) {
  EXPECT_EQ(decoded("\"\"\"multi\nline\"\"\""), "multi\nline");
  EXPECT_EQ(decoded("\"\"\"multi\rline\r\nnormalized\"\"\""), "multi\nline\nnormalized");
}

TEST(BlockStrings, CommonIndentationAndBlankLinesAtTheEndsAreRemoved) {
  EXPECT_EQ(decoded("\"\"\"\n    spans\n      multiple\n        lines\n\n    \"\"\""),
            "spans\n  multiple\n    lines");
  EXPECT_EQ(decoded("\"\"\"\n\n\n  Hello,\n    World!\n\n  Yours,\n    GraphQL.\n  \"\"\""),
            "Hello,\n  World!\n\nYours,\n  GraphQL.");
  // The first line does not count for the indentation.
  EXPECT_EQ(decoded("\"\"\"    Hello,\n      World!\"\"\""), "    Hello,\nWorld!");
  // Blank lines within may be shorter than the indentation, or longer.
  EXPECT_EQ(decoded("\"\"\"\n    a\n \n      \n    b\n\"\"\""), "a\n\n  \nb");
}

}  // namespace
}  // namespace matricula::graphql
