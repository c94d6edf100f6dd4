// What graphql-js 17 says about each document, word for word, and where.
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

#include "graphql/language/parser.h"

namespace matricula::graphql {
namespace {

struct SyntaxErrorCase {
  std::string_view source;
  std::string_view message;
  std::uint32_t line;
  std::uint32_t column;
};

void expect_errors(const std::vector<SyntaxErrorCase>& cases) {
  for (const SyntaxErrorCase& c : cases) {
    SCOPED_TRACE(c.source);
    const ParseResult result = parse(std::string(c.source), ParseLimits{});
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, ErrorCode::kParseFailed);
    EXPECT_EQ(result.error().message, "Syntax Error: " + std::string(c.message));
    EXPECT_EQ(result.error().locations, (std::vector<Location>{{c.line, c.column}}));
  }
}

TEST(SyntaxErrors, OfCharactersAndNumbersAreGraphqlJss) {
  expect_errors({
      {"?", R"(Unexpected character: "?".)", 1, 1},
      {"\342\200\273", "Unexpected character: U+203B.", 1, 1},
      {"\342\200\213", "Unexpected character: U+200B.", 1, 1},
      {"\360\237\230\200", "Unexpected character: U+1F600.", 1, 1},
      {"..", R"(Unexpected "..", did you mean "..."?)", 1, 1},
      {" .5", R"(Invalid number, expected digit before ".", did you mean "0.5"?)", 1, 2},
      {".", R"(Unexpected character: ".".)", 1, 1},
      {"-", "Invalid number, expected digit but got: <EOF>.", 1, 2},
      {"00", R"(Invalid number, unexpected digit after 0: "0".)", 1, 2},
      {"01", R"(Invalid number, unexpected digit after 0: "1".)", 1, 2},
      {"1.", "Invalid number, expected digit but got: <EOF>.", 1, 3},
      {"1.e1", R"(Invalid number, expected digit but got: "e".)", 1, 3},
      {"1.A", R"(Invalid number, expected digit but got: "A".)", 1, 3},
      {"-A", R"(Invalid number, expected digit but got: "A".)", 1, 2},
      {"1.0e", "Invalid number, expected digit but got: <EOF>.", 1, 5},
      {"1.0eA", R"(Invalid number, expected digit but got: "A".)", 1, 5},
      {"1.2e3e", R"(Invalid number, expected digit but got: "e".)", 1, 6},
      {"1.2e3.4", R"(Invalid number, expected digit but got: ".".)", 1, 6},
      {"1.23.4", R"(Invalid number, expected digit but got: ".".)", 1, 5},
      {"0xF1", R"(Invalid number, expected digit but got: "x".)", 1, 2},
      {"0b10", R"(Invalid number, expected digit but got: "b".)", 1, 2},
      {"123abc", R"(Invalid number, expected digit but got: "a".)", 1, 4},
      {"1_234", R"(Invalid number, expected digit but got: "_".)", 1, 2},
      {"1\303\237", R"(Unexpected Int "1".)", 1, 1},
      {"1.23f", R"(Invalid number, expected digit but got: "f".)", 1, 5},
      {"1.2_3", R"(Invalid number, expected digit but got: "_".)", 1, 4},
      {"a-b", R"(Unexpected Name "a".)", 1, 1},
      {"'a'", R"(Unexpected single quote character ('), did you mean to use a double quote (")?)",
       1, 1},
  });
}

TEST(SyntaxErrors, OfStringsAndWhatIsBetweenTokensAreGraphqlJss) {
  expect_errors({
      {R"(")", "Unterminated string.", 1, 2},
      {R"(""")", "Unterminated string.", 1, 4},
      {R"("no end quote)", "Unterminated string.", 1, 14},
      {"\"multi\nline\"", "Unterminated string.", 1, 7},
      {"\"multi\rline\"", "Unterminated string.", 1, 7},
      {R"("bad \z esc")", R"(Invalid character escape sequence: "\z".)", 1, 6},
      {R"("bad \x esc")", R"(Invalid character escape sequence: "\x".)", 1, 6},
      {R"("bad \u1 esc")", R"(Invalid Unicode escape sequence: "\u1 es".)", 1, 6},
      {R"("bad \u0XX1 esc")", R"(Invalid Unicode escape sequence: "\u0XX1".)", 1, 6},
      {R"("bad \uXXXX esc")", R"(Invalid Unicode escape sequence: "\uXXXX".)", 1, 6},
      {R"("bad \uFXXX esc")", R"(Invalid Unicode escape sequence: "\uFXXX".)", 1, 6},
      {R"("bad \uD835")", R"(Invalid Unicode escape sequence: "\uD835".)", 1, 6},
      {R"("bad \uD835\u1")", R"(Invalid Unicode escape sequence: "\uD835".)", 1, 6},
      {R"("bad \uDEAD esc")", R"(Invalid Unicode escape sequence: "\uDEAD".)", 1, 6},
      {R"("\u{}")", R"(Invalid Unicode escape sequence: "\u{}".)", 1, 2},
      {R"("\u{FXXX}")", R"(Invalid Unicode escape sequence: "\u{FX".)", 1, 2},
      {R"("\u{FFFF)", R"(Invalid Unicode escape sequence: "\u{FFFF".)", 1, 2},
      {R"("\u{FFFF")", R"(Invalid Unicode escape sequence: "\u{FFFF"".)", 1, 2},
      {R"("\u{110000}")", R"(Invalid Unicode escape sequence: "\u{110000}".)", 1, 2},
      {R"("\u{FFFFFFFF}")", R"(Invalid Unicode escape sequence: "\u{FFFFFFFF".)", 1, 2},
      {R"("\u{000000041}")", R"(Invalid Unicode escape sequence: "\u{000000041".)", 1, 2},
      {R"("\u{00000041}")", "Unexpected <EOF>.", 1, 15},
      {R"("\u{D800}")", R"(Invalid Unicode escape sequence: "\u{D800}".)", 1, 2},
      {"\"\\u\303\2511234\"", "Invalid Unicode escape sequence: \"\\u\303\251123\".", 1, 2},
      {"\"\\u12\360\237\230\200\"", "Invalid Unicode escape sequence: \"\\u12\360\237\230\200\".",
       1, 2},
      {"\"\\\360\237\230\200\"", "Invalid character escape sequence: \"\\\357\277\275\".", 1, 2},
      {"\"\\\303\251\"", "Invalid character escape sequence: \"\\\303\251\".", 1, 2},
      {R"("\)", R"(Invalid character escape sequence: "\".)", 1, 2},
      {R"("""unclosed)", "Unterminated string.", 1, 12},
      {R"("""unclosed \""")", "Unterminated string.", 1, 17},
      {"\"\"\"a\n\"\"\"b", "Unexpected description, only GraphQL definitions support descriptions.",
       1, 1},
      {{"{ a \000 }", 7}, "Unexpected character: U+0000.", 1, 5},
      {R"(\)", R"(Unexpected character: "\".)", 1, 1},
      {"{ \302\240a }", "Unexpected character: U+00A0.", 1, 3},
      {"{ a\r\n ? }", R"(Unexpected character: "?".)", 2, 2},
      {"{ a\r ? }", R"(Unexpected character: "?".)", 2, 2},
      {"{ a\n\r ? }", R"(Unexpected character: "?".)", 3, 2},
      {"\"tab\tok\" ?", R"(Unexpected character: "?".)", 1, 10},
      {"+1", R"(Unexpected character: "+".)", 1, 1},
      {"{ a # c\n # d\n ?", R"(Unexpected character: "?".)", 3, 2},
  });
}

TEST(SyntaxErrors, OfTheGrammarAreGraphqlJss) {
  expect_errors({
      {"", "Unexpected <EOF>.", 1, 1},
      {"{", "Expected Name, found <EOF>.", 1, 2},
      {"{ a { } }", R"(Expected Name, found "}".)", 1, 7},
      {"{ a(", "Expected Name, found <EOF>.", 1, 5},
      {"{ a(b: ) }", R"x(Unexpected ")".)x", 1, 8},
      {"query Q($a: ) { a }", R"x(Expected Name, found ")".)x", 1, 13},
      {"{ ...on }", R"(Expected Name, found "}".)", 1, 9},
      {"{ ...on { a } }", R"(Expected Name, found "{".)", 1, 9},
      {"fragment on on on { on }", R"(Unexpected Name "on".)", 1, 10},
      {"fragment a on { b }", R"(Expected Name, found "{".)", 1, 15},
      {"{ field: {} }", R"(Expected Name, found "{".)", 1, 10},
      {"notAnOperation Foo { field }", R"(Unexpected Name "notAnOperation".)", 1, 1},
      {"...", R"(Unexpected "...".)", 1, 1},
      {R"({ "")", R"(Expected Name, found String "".)", 1, 3},
      {"query Q($x: Int = $y) { a }", R"(Unexpected variable "$y" in constant value.)", 1, 19},
      {"query Q($x: Int = [$ ]) { a }", R"(Unexpected "$".)", 1, 20},
      {R"("d" { a })",
       "Unexpected description, descriptions are not supported on shorthand queries.", 1, 1},
      {R"("d" extend type A { a: B })",
       "Unexpected description, only GraphQL definitions support descriptions.", 1, 1},
      {"extend foo", R"(Unexpected Name "foo".)", 1, 8},
      {"extend type A", "Unexpected <EOF>.", 1, 14},
      {"extend schema", "Unexpected <EOF>.", 1, 14},
      {"enum E { true }", R"(Name "true" is reserved and cannot be used for an enum value.)", 1,
       10},
      {"directive @a on FOO", R"(Unexpected Name "FOO".)", 1, 17},
      {"directive @a on FIELD | BAR", R"(Unexpected Name "BAR".)", 1, 25},
      {"schema { }", R"(Expected Name, found "}".)", 1, 10},
      {"schema { foo: Bar }", R"(Unexpected Name "foo".)", 1, 10},
      {"type A { }", R"(Expected Name, found "}".)", 1, 10},
      {"input A { a: Int = $x }", R"(Unexpected variable "$x" in constant value.)", 1, 20},
      {"{ a(b: [1, 2) }", R"x(Unexpected ")".)x", 1, 13},
      {"{ a @ }", R"(Expected Name, found "}".)", 1, 7},
      {"union U = | ", "Expected Name, found <EOF>.", 1, 13},
      {"{ a } }", R"(Unexpected "}".)", 1, 7},
      {"query { a } mutation", R"(Expected "{", found <EOF>.)", 1, 21},
      {"# only a comment", "Unexpected <EOF>.", 1, 17},
      {"{ a: }", R"(Expected Name, found "}".)", 1, 6},
      {"type A implements { a: B }", R"(Expected Name, found "{".)", 1, 19},
      {"subscription ($a) { b }", R"x(Expected ":", found ")".)x", 1, 17},
      {"{ a(b: {c 1}) }", R"(Expected ":", found Int "1".)", 1, 11},
      {"\357\273\277{ a ? }", R"(Unexpected character: "?".)", 1, 6},
      {R"("long" "b" { a })", R"(Unexpected String "b".)", 1, 8},
      {R"("""x""" fragment)", "Expected Name, found <EOF>.", 1, 17},
      {R"(query Q "b")", R"(Expected "{", found String "b".)", 1, 9},
      {R"({ a(x: "abc") "t" })", R"(Expected Name, found String "t".)", 1, 15},
      {R"(extend "x" type A)", R"(Unexpected String "x".)", 1, 8},
      {"interface", "Expected Name, found <EOF>.", 1, 10},
      {"{ \303\251 }", "Unexpected character: U+00E9.", 1, 3},
      {"{ a(x:\"\360\237\230\200\") ? }", R"(Unexpected character: "?".)", 1, 13},
  });
}

TEST(SyntaxErrors, BytesThatAreNotUtf8AreRefused) {
  const ParseResult result = parse("{ a(b: \"\xFF\") }", ParseLimits{});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().message, "Syntax Error: The document is not UTF-8.");
}

}  // namespace
}  // namespace matricula::graphql
