#include "graphql/schema/coordinate.h"

#include <gtest/gtest.h>

#include "graphql/schema/schema_printer.h"

namespace matricula::graphql {
namespace {

// The schemas and coordinates of the specification's section 3.14, "Schema Coordinates".
class Coordinates : public testing::Test {
 protected:
  // The definition found, "absent", or the error.
  std::string found(std::string_view text) const {
    const auto coordinate = parse_coordinate(text);
    if (!coordinate) {
      return coordinate.error().message;
    }
    const auto element = resolve_coordinate(*schema_, *coordinate);
    if (!element) {
      return element.error().message;
    }
    return *element ? print_element(**element) : "absent";
  }

  const std::shared_ptr<const Schema> schema_ = Schema::from_sdl(R"sdl(
    directive @private(scope: String!) on FIELD_DEFINITION
    scalar DateTime
    enum SearchFilter { "Open to all" OPEN_NOW DELIVERS_TAKEOUT VEGETARIAN_MENU @deprecated }
    input SearchCriteria { name: String filter: SearchFilter = OPEN_NOW }
    "A place to eat" type Business {
      id: ID!
      name: String
      email: String @private(scope: "loggedIn")
    }
    type Query { "All that fit" searchBusinesses("which" criteria: SearchCriteria!): [Business] }
  )sdl")
                                                    .value();
};

TEST_F(Coordinates, NameEveryKindOfElement) {
  EXPECT_EQ(
      found("Business"),
      "\"\"\"A place to eat\"\"\"\ntype Business {\n  id: ID!\n  name: String\n  email: String\n}");
  EXPECT_EQ(found("Business.name"), "name: String");
  EXPECT_EQ(found("SearchCriteria.filter"), "filter: SearchFilter = OPEN_NOW");
  EXPECT_EQ(found("SearchFilter.OPEN_NOW"), "\"\"\"Open to all\"\"\"\nOPEN_NOW");
  EXPECT_EQ(found("SearchFilter.VEGETARIAN_MENU"), "VEGETARIAN_MENU @deprecated");
  EXPECT_EQ(found("Query.searchBusinesses"),
            "\"\"\"All that fit\"\"\"\nsearchBusinesses(\n  \"\"\"which\"\"\"\n  criteria: "
            "SearchCriteria!\n): "
            "[Business]");
  EXPECT_EQ(found("Query.searchBusinesses(criteria:)"),
            "\"\"\"which\"\"\"\ncriteria: SearchCriteria!");
  EXPECT_EQ(found("@private"), "directive @private(scope: String!) on FIELD_DEFINITION");
  EXPECT_EQ(found("@private(scope:)"), "scope: String!");
  EXPECT_EQ(found("DateTime"), "scalar DateTime");
}

// Meta fields and introspection types are elements of every schema.
TEST_F(Coordinates, NameWhatEverySchemaHas) {
  EXPECT_EQ(found("Business.__typename"),
            "\"\"\"The name of the current Object type at runtime.\"\"\"\n__typename: String!");
  EXPECT_EQ(found("__Type.fields(includeDeprecated:)"), "includeDeprecated: Boolean! = false");
  EXPECT_EQ(found("@skip(if:)"), "\"\"\"Skipped when true.\"\"\"\nif: Boolean!");
}

TEST_F(Coordinates, ThatNameNothingSayWhatIsMissing) {
  EXPECT_EQ(found("Unknown"), "absent");
  EXPECT_EQ(found("Business.nothing"), "absent");
  EXPECT_EQ(found("Unknown.name"), "Expected \"Unknown\" to be defined as a type in the schema.");
  EXPECT_EQ(found("DateTime.name"),
            "Expected \"DateTime\" to be an Enum, Input Object, Object or Interface type.");
  EXPECT_EQ(found("Query.nothing(criteria:)"),
            "Expected \"nothing\" to exist as a field of type \"Query\" in the schema.");
  EXPECT_EQ(found("SearchFilter.OPEN_NOW(a:)"),
            "Expected \"SearchFilter\" to be an object type or interface type.");
  EXPECT_EQ(found("@unknown(a:)"),
            "Expected \"unknown\" to be defined as a directive in the schema.");
}

TEST_F(Coordinates, ThatAreNoneSayWhere) {
  EXPECT_EQ(found(""), "Syntax Error: Expected Name, found <EOF>.");
  EXPECT_EQ(found("Business name"), "Syntax Error: Invalid character: \" \".");
  EXPECT_EQ(found("Business.name.id"), "Syntax Error: Expected <EOF>, found \".\".");
  EXPECT_EQ(found("Query.searchBusinesses(criteria)"),
            "Syntax Error: Expected \":\", found \")\".");
  EXPECT_EQ(found("\xff"), "Syntax Error: The coordinate is not UTF-8.");
  const auto bad = parse_coordinate("Query.1");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().locations, (std::vector<Location>{{.line = 1, .column = 7}}));
}

}  // namespace
}  // namespace matricula::graphql
