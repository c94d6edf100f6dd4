// Each limit that validation knows, at its bound and one past it.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "graphql/coercion/literal_text.h"
#include "graphql/language/parser.h"
#include "graphql/validation/validate.h"

namespace matricula::graphql {
namespace {

constexpr std::string_view kSdl = R"(
type Query { dog: Dog list: [Dog!]! name(a: Int): String color: String }
type Mutation { walk(a: Int): String pet: String }
type Dog { name: String owner: Dog })";

std::vector<Diagnostic> errors_of(const std::string& text, const ValidationOptions& options = {}) {
  static const auto kSchema = *Schema::from_sdl(kSdl);
  const auto document = parse(text, kUnlimited);
  EXPECT_TRUE(document.has_value()) << text;
  const auto valid = validate(kSchema, *document, options);
  return valid ? std::vector<Diagnostic>() : valid.error();
}

std::vector<Diagnostic> limit(std::string message, std::uint32_t column = 1) {
  return {{.code = ErrorCode::kLimitExceeded,
           .message = std::move(message),
           .locations = {{.line = 1, .column = column}}}};
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) {
    out += text;
  }
  return out;
}

TEST(ValidationLimits, FieldsAreComparedUpToTheBudget) {
  // Five fields of one name are ten pairs.
  const std::string document = "{ dog { " + repeated("name ", 5) + "} }";
  EXPECT_TRUE(errors_of(document, {.merge_comparisons = 10}).empty());
  EXPECT_EQ(errors_of(document, {.merge_comparisons = 9}),
            limit(R"(Merging the fields of the document takes more than 9 comparisons, the limit )"
                  R"("merge-comparisons" of this server.)",
                  7));
  EXPECT_TRUE(errors_of("{ dog { " + repeated("name ", 141) + "} }").empty());
  EXPECT_EQ(errors_of("{ dog { " + repeated("name ", 142) + "} }").front().code,
            ErrorCode::kLimitExceeded);
}

TEST(ValidationLimits, ArgumentsThatAreComparedCostAsWell) {
  const std::string arguments = "(" + repeated("a: 1 ", 1000) + ")";
  EXPECT_EQ(errors_of("{ name" + arguments + " name" + arguments + " }").front().code,
            ErrorCode::kLimitExceeded);
}

TEST(ValidationMessages, ADeepValueIsShownToItsEndAsGraphqlJsShowsIt) {
  // 39 lists fit a line, 100 are indented, and those between stand on the innermost line.
  std::string expected = "Int cannot represent non-integer value: [";
  for (std::size_t level = 1; level < 100; ++level) {
    expected += "\n" + repeated("  ", level) + "[";
  }
  expected += "\n" + repeated("  ", 100) + repeated("[ ", 51) + repeated("[", 39) + "1" +
              repeated("]", 39) + repeated(" ]", 51);
  for (std::size_t level = 100; level > 0; --level) {
    expected += "\n" + repeated("  ", level - 1) + "]";
  }
  const auto errors =
      errors_of("{ name(a: " + repeated("[", 190) + "1" + repeated("]", 190) + ") }");
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors.front().message.size(), 20'723U);
  EXPECT_EQ(errors.front().message, expected);
}

TEST(ValidationMessages, AValueIsCutWhereAWholeDocumentWouldBe) {
  const std::size_t shown = std::string_view("Int cannot represent non-integer value: ").size();
  const auto message_of = [&](std::size_t length) {
    const auto errors = errors_of("{ name(a: \"" + std::string(length, 'x') + "\") }");
    return errors.front().message;
  };
  EXPECT_EQ(message_of(kLiteralTextMax - 2).size(), shown + kLiteralTextMax);
  EXPECT_EQ(message_of(kLiteralTextMax - 1).size(), shown + kLiteralTextMax + 3);
  EXPECT_TRUE(message_of(kLiteralTextMax - 1).ends_with("x..."));
}

TEST(ValidationLimits, FragmentsExpandUpToTheBudget) {
  // A is spread once, B twice in it.
  const std::string document =
      "{ dog { ...A } } fragment A on Dog { ...B owner { ...B } } fragment B on Dog { name }";
  EXPECT_TRUE(errors_of(document, {.fragment_expansions = 3}).empty());
  EXPECT_EQ(errors_of(document, {.fragment_expansions = 2}),
            limit(R"(Fragments of the document expand to more than 2 parts, the limit )"
                  R"("fragment-expansions" of this server.)"));
  const std::string hundreds = "{ dog { " + repeated("...A ", 100) + "} } fragment A on Dog { " +
                               repeated("...B ", 99) + "} fragment B on Dog { name }";
  EXPECT_TRUE(errors_of(hundreds).empty());
  EXPECT_EQ(errors_of("{ dog { ...B " + hundreds.substr(8)).front().code,
            ErrorCode::kLimitExceeded);
}

TEST(ValidationLimits, FragmentsThatDoubleThemselvesAreRefused) {
  std::string document = "{ dog { ...F0 } }";
  for (int i = 0; i < 40; ++i) {
    document +=
        fmt::format(" fragment F{} on Dog {{ ...F{} owner {{ ...F{} }} }}", i, i + 1, i + 1);
  }
  document += " fragment F40 on Dog { name }";
  EXPECT_EQ(errors_of(document, {.selection_depth = 100}).front().code, ErrorCode::kLimitExceeded);
}

TEST(ValidationLimits, AChainOfFragmentsGoesAsDeepAsNesting) {
  const auto chain = [](int length) {
    std::string document = "{ dog { ...F0 } }";
    for (int i = 0; i < length; ++i) {
      document += fmt::format(" fragment F{} on Dog {{ ...F{} ...F{} }}", i, i + 1, i + 2);
    }
    return document + fmt::format(" fragment F{} on Dog {{ name }} fragment F{} on Dog {{ name }}",
                                  length, length + 1);
  };
  EXPECT_EQ(errors_of(chain(400), {.fragment_expansions = 1'000'000}).front().code,
            ErrorCode::kLimitExceeded);
}

TEST(ValidationLimits, WhatFragmentsBringCountsForDepthAliasesAndRootFields) {
  const std::string deep = "{ dog { ...A } } fragment A on Dog { owner { name } }";
  EXPECT_TRUE(errors_of(deep, {.selection_depth = 3}).empty());
  EXPECT_EQ(errors_of(deep, {.selection_depth = 2}),
            limit(R"(Selections nest deeper than 2 fields, the limit "selection-depth" of this )"
                  "server."));
  const std::string aliased =
      "{ a: dog { ...A } b: dog { ...A } } fragment A on Dog { x: name y: name }";
  EXPECT_TRUE(errors_of(aliased, {.aliases = 6}).empty());
  EXPECT_EQ(errors_of(aliased, {.aliases = 5}),
            limit(R"(Document has more than 5 aliases, the limit "aliases" of this server.)"));
  const std::string wide = "{ color ...A ...A } fragment A on Query { name color }";
  EXPECT_TRUE(errors_of(wide, {.root_fields = 5}).empty());
  EXPECT_EQ(
      errors_of(wide, {.root_fields = 4}),
      limit(R"(Operation has more than 4 root fields, the limit "root-fields" of this server.)"));
}

TEST(ValidationLimits, AMutationHasFewRootFieldsAndAQueryMore) {
  const std::string two = "{ a: walk ...B } fragment B on Mutation { pet }";
  EXPECT_TRUE(errors_of("mutation " + two, {.mutations = 2}).empty());
  EXPECT_EQ(errors_of("mutation " + two, {.mutations = 1}),
            limit(R"(Operation has more than 1 mutations, the limit "mutations" of this server.)"));
  EXPECT_TRUE(errors_of("mutation { " + repeated("walk ", 10) + "}").empty());
  EXPECT_EQ(errors_of("mutation { " + repeated("walk ", 11) + "}").front().code,
            ErrorCode::kLimitExceeded);
  EXPECT_TRUE(errors_of("{ " + repeated("color ", 11) + "}").empty());
}

TEST(ValidationLimits, AHundredErrorsAreToldAndThatThereAreMore) {
  EXPECT_EQ(errors_of("{" + repeated(" x", 100) + " }").size(), 100);
  const std::vector<Diagnostic> errors = errors_of("{" + repeated(" x", 101) + " }");
  ASSERT_EQ(errors.size(), 101);
  EXPECT_EQ(errors.back(),
            (Diagnostic{.message = "Too many validation errors, error limit reached. Validation "
                                   "aborted.",
                        .locations = {}}));
}

TEST(ValidationLimits, SuggestionsCanBeTurnedOff) {
  const std::string document = "{ nam(b: 1) colour dog { ...on Dogg { name } } }";
  EXPECT_EQ(errors_of(document).front().message,
            R"(Cannot query field "nam" on type "Query". Did you mean "name"?)");
  for (const Diagnostic& error : errors_of(document, {.suggestions = false})) {
    EXPECT_EQ(error.message.find("Did you mean"), std::string::npos) << error.message;
  }
}

}  // namespace
}  // namespace matricula::graphql
