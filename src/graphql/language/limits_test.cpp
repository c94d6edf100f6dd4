#include <gtest/gtest.h>
#include <string>

#include "graphql/language/parser.h"

namespace matricula::graphql {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) {
    out += text;
  }
  return out;
}

// `levels` fields, each within the one before.
std::string nested_fields(std::size_t levels) {
  return repeated("{a", levels) + repeated("}", levels);
}

Diagnostic refused(std::string source, const ParseLimits& limits = {}) {
  const ParseResult result = parse(std::move(source), limits);
  EXPECT_FALSE(result.has_value());
  return result ? Diagnostic{} : result.error();
}

bool accepted(std::string source, const ParseLimits& limits = {}) {
  return parse(std::move(source), limits).has_value();
}

Diagnostic limit(std::string message, std::uint32_t column) {
  return {.code = ErrorCode::kLimitExceeded,
          .message = std::move(message),
          .locations = {{.line = 1, .column = column}}};
}

TEST(ParseLimits, TokensAreCountedUpToTheLimit) {
  EXPECT_TRUE(accepted("{ a b }", {.tokens = 4}));
  EXPECT_EQ(
      refused("{ a b }", {.tokens = 3}),
      limit(R"(Document has more than 3 tokens, the limit "document-tokens" of this server.)", 7));
}

TEST(ParseLimits, CommentsAreNoTokens) {
  EXPECT_TRUE(accepted("{ a # one\n# two\n}", {.tokens = 3}));
}

TEST(ParseLimits, SelectionDepthCountsFieldsWithinFields) {
  EXPECT_TRUE(accepted(nested_fields(15)));
  EXPECT_EQ(refused(nested_fields(16)),
            limit("Selections nest deeper than 15 fields, the limit \"selection-depth\" of this "
                  "server.",
                  31));
  EXPECT_TRUE(accepted("{ a { ... { ... on B { c } } } }", {.selection_depth = 2}));
  EXPECT_FALSE(accepted("fragment F on T { a { b { c } } }", {.selection_depth = 2}));
}

TEST(ParseLimits, IntrospectionHasNoSelectionDepth) {
  EXPECT_TRUE(accepted("{ __schema " + nested_fields(40) + " }"));
  EXPECT_TRUE(accepted("{ __type(name: \"A\") " + nested_fields(40) + " }"));
  EXPECT_TRUE(accepted("fragment TypeRef on __Type " + nested_fields(40)));
  EXPECT_FALSE(accepted("{ __schema { a } b " + nested_fields(16) + " }"));
}

TEST(ParseLimits, NestingCountsListsObjectsTypesAndSelections) {
  const ParseLimits four{.nesting = 4};
  const std::string message =
      R"(Document nests deeper than 4 levels, the limit "nesting" of this server.)";
  EXPECT_TRUE(accepted("{ a(b: [[[1]]]) }", four));
  EXPECT_EQ(refused("{ a(b: [[[[1]]]]) }", four), limit(message, 11));
  EXPECT_EQ(refused("{ a(b: {c: {c: {c: {c: 1}}}}) }", four), limit(message, 20));
  EXPECT_TRUE(accepted("query Q($a: [[[[B]]]]) { a }", four));
  EXPECT_EQ(refused("query Q($a: [[[[[B]]]]]) { a }", four), limit(message, 17));
  EXPECT_EQ(refused("{ ... { ... { ... { ... { a } } } } }", four), limit(message, 25));
}

TEST(ParseLimits, DeepNestingOfAnyKindIsRefusedWithoutLimitsToo) {
  EXPECT_FALSE(accepted("{ a(b: " + repeated("[", 100'000), kUnlimited));
  EXPECT_FALSE(accepted("{ a(b: " + repeated("{a:", 100'000), kUnlimited));
  EXPECT_FALSE(accepted("query ($a: " + repeated("[", 100'000), kUnlimited));
  EXPECT_FALSE(accepted(repeated("{a", 100'000), kUnlimited));
  EXPECT_FALSE(accepted(repeated("{...", 100'000), kUnlimited));
}

TEST(ParseLimits, AliasesAreCountedOverTheDocument) {
  EXPECT_TRUE(accepted("{ a: b c: d }", {.aliases = 2}));
  EXPECT_EQ(refused("{ a: b c: d e: f }", {.aliases = 2}),
            limit(R"(Document has more than 2 aliases, the limit "aliases" of this server.)", 13));
}

TEST(ParseLimits, RootFieldsAreCountedForEachOperation) {
  const ParseLimits two{.root_fields = 2};
  EXPECT_TRUE(accepted("query A { a b } query B { a { x y z } b } fragment F on T { a b c }", two));
  EXPECT_EQ(
      refused("{ a ... { b c } }", two),
      limit("Operation has more than 2 root fields, the limit \"root-fields\" of this server.",
            13));
}

}  // namespace
}  // namespace matricula::graphql
