#include "graphql/schema/schema_printer.h"

#include <gtest/gtest.h>
#include <string>
#include <string_view>

namespace matricula::graphql {
namespace {

std::string printed(std::string_view sdl) {
  const auto schema = Schema::from_sdl(sdl);
  EXPECT_TRUE(schema.has_value()) << schema.error().message;
  return print_schema(**schema);
}

// Text that graphql-js's printSchema gives for it, letter by letter, and which reads back the same.
constexpr std::string_view kPrinted =
    R"sdl("""What there is"""
schema {
  query: Root
}

directive @old(a: Int @deprecated, b: String = "x\n\"y\"") @deprecated(reason: "gone") repeatable on FIELD | QUERY

"""Where it starts"""
type Root implements Node {
  """one"""
  id: ID

  """two"""
  find(
    """which"""
    only: [ID!]! = ["1", 2]
    by: By = { a: 1 }
  ): [[Root!]!] @deprecated(reason: "because")
  time(at: Time): Time
}

interface Node {
  id: ID
}

union Both = Root | Other

type Other implements Node {
  id: ID
}

"""
On two lines,
  indented
"""
enum E {
  """one"""
  ONE
  TWO @deprecated
}

input By @oneOf {
  a: Int
  b: String
}

scalar Time @specifiedBy(url: "https://example.com/time"))sdl";

TEST(SchemaPrinter, PrintsWhatGraphqlJsPrints) {
  EXPECT_EQ(printed(kPrinted), kPrinted);
}

TEST(SchemaPrinter, LeavesOutASchemaDefinitionThatSaysNothing) {
  EXPECT_EQ(printed("schema { query: Query } type Query { a: Int }"), "type Query {\n  a: Int\n}");
}

TEST(SchemaPrinter, DescriptionsThatNoBlockStringCanHoldAreStrings) {
  EXPECT_EQ(printed("\"a\\u0007\" type Query { \"  b\\n\" a: Int }"),
            "\"a\\u0007\"\ntype Query {\n  \"  b\\n\"\n  a: Int\n}");
}

}  // namespace
}  // namespace matricula::graphql
