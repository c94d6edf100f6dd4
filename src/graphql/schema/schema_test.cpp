#include "graphql/schema/schema.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <vector>

#include "graphql/language/parser.h"

namespace matricula::graphql {
namespace {

using testing::ElementsAre;

std::shared_ptr<const Schema> built(std::string_view sdl) {
  auto schema = Schema::from_sdl(sdl);
  EXPECT_TRUE(schema.has_value()) << schema.error().message;
  return *schema;
}

std::string refused(std::string_view sdl) {
  const auto schema = Schema::from_sdl(sdl);
  EXPECT_FALSE(schema.has_value());
  return schema ? "" : schema.error().message;
}

std::vector<std::string> names(const std::vector<const NamedType*>& types) {
  std::vector<std::string> result;
  result.reserve(types.size());
  for (const NamedType* const type : types) {
    result.emplace_back(type->name);
  }
  return result;
}

constexpr std::string_view kSmall = R"(
  "What is asked."
  type Query implements Node {
    id: ID!
    found(filter: Filter = {state: OPEN}, old: Int @deprecated): [Result!]! @deprecated(reason: "no")
  }
  interface Node { id: ID! }
  type Course implements Node { id: ID!, made: Time! }
  union Result = Course | Query
  enum State { OPEN CLOSED @deprecated }
  input Filter @oneOf { state: State, ids: [ID!] }
  scalar Time @specifiedBy(url: "https://example.com/time")
  directive @mark(at: Int! = 1) repeatable on FIELD | QUERY)";

TEST(Schema, HoldsWhatTheSdlSays) {
  const auto schema = built(kSmall);
  const NamedType& query = *schema->query();
  EXPECT_EQ(query.name, "Query");
  EXPECT_EQ(query.description, "What is asked.");
  EXPECT_EQ(schema->mutation(), nullptr);
  const Field& found = *query.field("found");
  EXPECT_EQ(type_text(*found.type), "[Result!]!");
  EXPECT_EQ(found.deprecation_reason, "no");
  EXPECT_EQ(found.argument("old")->deprecation_reason, "No longer supported");
  EXPECT_EQ(found.argument("filter")->default_value->kind, ValueKind::kObject);
  EXPECT_THAT(names(schema->type("Node")->possible_types), ElementsAre("Query", "Course"));
  EXPECT_THAT(names(schema->type("Result")->possible_types), ElementsAre("Course", "Query"));
  EXPECT_TRUE(schema->type("Filter")->is_one_of);
  EXPECT_EQ(schema->type("Time")->scalar, ScalarKind::kTime);
  EXPECT_EQ(schema->type("Time")->specified_by_url, "https://example.com/time");
  EXPECT_EQ(schema->type("State")->enum_value("CLOSED")->deprecation_reason, "No longer supported");
  EXPECT_TRUE(schema->directive("mark")->repeatable);
  EXPECT_EQ(schema->type("Missing"), nullptr);
}

// The order is that of graphql-js's introspection answer.
TEST(Schema, OrdersTypesAndDirectivesAsGraphqlJs) {
  const auto schema = built(kSmall);
  EXPECT_THAT(
      names(schema->types()),
      ElementsAre("Query", "ID", "Int", "Node", "Course", "Result", "State", "Filter", "Time",
                  "Boolean", "String", "__Schema", "__Type", "__TypeKind", "__Field",
                  "__InputValue", "__EnumValue", "__Directive", "__DirectiveLocation"));
  std::vector<std::string> directives;
  for (const DirectiveType& directive : schema->directives()) {
    directives.emplace_back(directive.name);
  }
  EXPECT_THAT(directives,
              ElementsAre("mark", "include", "skip", "deprecated", "specifiedBy", "oneOf"));
}

TEST(Schema, MetaFieldsStandWhereTheSpecificationPutsThem) {
  const auto schema = built(kSmall);
  const NamedType& course = *schema->type("Course");
  EXPECT_EQ(type_text(*schema->field(course, "__typename")->type), "String!");
  EXPECT_EQ(schema->field(course, "__schema"), nullptr);
  EXPECT_EQ(type_text(*schema->field(*schema->query(), "__schema")->type), "__Schema!");
  EXPECT_EQ(type_text(*schema->field(*schema->query(), "__type")->argument("name")->type),
            "String!");
  EXPECT_NE(schema->field(*schema->type("Result"), "__typename"), nullptr);
  EXPECT_EQ(schema->type("__Meta"), nullptr);
}

TEST(Schema, BuiltInScalarsThatNothingMentionsAreNotThere) {
  const auto schema = built("type Query { a: Int }");
  EXPECT_NE(schema->type("Int"), nullptr);
  EXPECT_NE(schema->type("String"), nullptr);  // introspection mentions it
  EXPECT_EQ(schema->type("Float"), nullptr);
  EXPECT_EQ(schema->type("ID"), nullptr);
}

const Type* resolved(const Schema& schema, const std::string& type) {
  const ParseResult document = parse("query ($v: " + type + ") { a }", kUnlimited);
  return schema.resolve((*document)->definitions()[0].variables[0].type);
}

TEST(Schema, EqualTypesAreOnePointer) {
  const auto schema = built(kSmall);
  for (const char* const text : {"ID", "ID!", "[ID!]!", "[[State]!]", "[[[[[Filter!]!]]]!]"}) {
    const Type* const type = resolved(*schema, text);
    EXPECT_EQ(type_text(*type), text);
    EXPECT_EQ(resolved(*schema, text), type);
  }
  EXPECT_EQ(resolved(*schema, "[ID!]"), schema->type("Filter")->input_field("ids")->type);
  EXPECT_EQ(resolved(*schema, "[Missing]"), nullptr);
}

TEST(Schema, TypesThatOnlyDocumentsWriteAreBounded) {
  const auto schema = built(kSmall);
  std::size_t unknown = 0;
  for (const char* const name : {"ID", "ID!", "Int", "Int!", "State", "State!", "Time", "Time!"}) {
    const std::string lists(190, '[');
    unknown += resolved(*schema, lists + name + std::string(190, ']')) == nullptr ? 1 : 0;
  }
  EXPECT_GT(unknown, 0U);
  EXPECT_NE(resolved(*schema, "[[ID!]!]!"), nullptr);
}

TEST(Schema, ExtensionsAddToTheirDefinition) {
  const auto schema = built(R"(
    extend type Query { b: Int }
    schema { query: Query }
    extend schema { mutation: Change }
    type Query { a: Int }
    type Change { a: Int }
    extend enum E { TWO }
    enum E { ONE }
    directive @d on FIELD
    extend directive @d @deprecated(reason: "old"))");
  EXPECT_NE(schema->query()->field("b"), nullptr);
  EXPECT_EQ(schema->mutation()->name, "Change");
  EXPECT_EQ(schema->type("E")->enum_values[0].name, "ONE");
  EXPECT_EQ(schema->directive("d")->deprecation_reason, "old");
}

TEST(Schema, OfEveryEndpointOfTheContractIsBuilt) {
  for (const std::string endpoint :
       {"tokens", "catalog", "program_progress", "assessment_progress", "learning_plan_progress"}) {
    std::ifstream file("domains/" + endpoint + "/schema.graphql");
    ASSERT_TRUE(file) << endpoint;
    std::stringstream sdl;
    sdl << file.rdbuf();
    built(sdl.str());
  }
}

TEST(SchemaErrors, NameTheProblemAndItsPlace) {
  EXPECT_EQ(refused("type Query { a: Missing }"), "Unknown type \"Missing\". (1:17)");
  EXPECT_EQ(refused("type Query {\n a: }"), "Syntax Error: Expected Name, found \"}\". (2:5)");
  EXPECT_EQ(refused("type Query { a: Int a: Int }\ntype Query { b: Int }"),
            "There can be only one type named \"Query\". (2:6)\n"
            "Field \"Query.a\" can only be defined once. (1:21)");
  EXPECT_EQ(refused("type Query { a: Int @gone }"), "Unknown directive \"@gone\". (1:21)");
  EXPECT_EQ(refused("type Query @deprecated { a: Int }"),
            "Directive \"@deprecated\" may not be used on OBJECT. (1:12)");
  EXPECT_EQ(refused("type Query { a: Int } scalar S @specifiedBy"),
            "Argument \"@specifiedBy(url:)\" of type \"String!\" is required, but it was not "
            "provided. (1:32)");
  EXPECT_EQ(refused("type Query { a: Int } extend enum Query { A }"),
            "Cannot extend non-enum type \"Query\". (1:35)");
  EXPECT_EQ(refused("{ a }"), "Only type system definitions make a schema. (1:1)");
}

TEST(SchemaErrors, OfTypesAreGraphqlJss) {
  EXPECT_EQ(refused("type A { a: Int }"), "Query root type must be provided.");
  EXPECT_EQ(refused("type Query { a: I } input I { b: Query }"),
            "The type of Query.a must be Output Type but got: I.\n"
            "The type of I.b must be Input Type but got: Query.");
  EXPECT_EQ(refused("type Query implements N { a: Int } interface N { a: ID, b: Int }"),
            "Interface field N.a expects type ID but Query.a is type Int.\n"
            "Interface field N.b expected but Query does not provide it.");
  EXPECT_EQ(refused("type Query { a(b: Int! @deprecated): Int }"),
            "Required argument Query.a(b:) cannot be deprecated.");
  EXPECT_EQ(refused("type Query { __a: Int }"),
            "Name \"__a\" must not begin with \"__\", which is reserved by GraphQL introspection.");
  EXPECT_EQ(refused("type Query { a: U } union U"),
            "Union type U must define one or more member types.");
  EXPECT_EQ(refused("type Query { a(b: I): Int } input I @oneOf { a: Int! b: Int = 1 }"),
            "OneOf input field I.a must be nullable.\n"
            "OneOf input field I.b cannot have a default value.");
}

TEST(SchemaErrors, OfDefaultValuesNameTheInput) {
  EXPECT_EQ(refused("type Query { a(b: Int = \"1\", c: E = ONE, d: [Int!] = [1, null], f: I = {}, "
                    "g: Int = 3000000000, h: Time = \"now\"): Int } enum E { TWO } "
                    "input I { a: Int! } scalar Time"),
            "Query.a(b:) has invalid default value.\nQuery.a(c:) has invalid default value.\n"
            "Query.a(d:) has invalid default value.\nQuery.a(f:) has invalid default value.\n"
            "Query.a(g:) has invalid default value.\nQuery.a(h:) has invalid default value.");
  built(
      "type Query { a(b: [Int] = 1, c: ID = 1, d: Float = 1, e: I = {a: {b: null}}): Int } "
      "input I { a: I, b: Int = 1 }");
}

TEST(SchemaErrors, OfInputsWithoutEnd) {
  EXPECT_EQ(refused("type Query { a(b: A): Int } input A { b: B! } input B { a: A! }"),
            "Input Object A cannot be provided a finite value because it references itself.\n"
            "Input Object B cannot be provided a finite value because it references itself.");
  EXPECT_EQ(refused("type Query { a(b: A): Int } input A @oneOf { a: A }"),
            "Input Object A cannot be provided a finite value because it references itself.");
  EXPECT_EQ(refused("type Query { a(b: A): Int } input A { a: A = {} }"),
            "Invalid circular reference. The default value of Input Object field A.a references "
            "itself.");
  built("type Query { a(b: A): Int } input A { a: [A!]! b: A c: A = {a: [], c: null} }");
}

}  // namespace
}  // namespace matricula::graphql
