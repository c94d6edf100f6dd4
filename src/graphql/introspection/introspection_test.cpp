#include "graphql/introspection/introspection.h"

#include <gtest/gtest.h>
#include <string>
#include <string_view>

#include "graphql/language/parser.h"

namespace matricula::graphql {
namespace {

// The expected answers are graphql-js's for this schema.
constexpr std::string_view kSdl = R"sdl(
  """What there is"""
  schema { query: Root }
  directive @old(a: Int @deprecated, b: String = "x\n\"y\"") repeatable on FIELD | QUERY
  type Root implements Node {
    id("which" only: [ID!]! = ["1", 2], gone: Int @deprecated): ID
    self: [[Root!]!] @deprecated(reason: "because")
  }
  interface Node { id: ID }
  union Both = Root | Other
  type Other implements Node { id: ID, found(by: By = {a: 1}): Time }
  "e" enum E { "one" ONE, TWO @deprecated }
  input By @oneOf { a: Int, b: String, old: E @deprecated(reason: "no") }
  scalar Time @specifiedBy(url: "https://example.com/time")
)sdl";

struct Answer {
  std::string text;
  Diagnostic error = {};      // that leaves no value
  std::string nulls = {};     // the paths of the others, a line each
  std::string location = {};  // of the last of those
};

// The value of the first field of the query root; further fields merge with it.
Answer answer(std::string_view query, const Variables& variables = {},
              const IntrospectionLimits& limits = {}) {
  const auto schema = Schema::from_sdl(kSdl);
  EXPECT_TRUE(schema.has_value()) << schema.error().message;
  const ParseResult document = parse(std::string(query), ParseLimits{});
  EXPECT_TRUE(document.has_value()) << document.error().message;
  std::vector<const Selection*> fields;
  for (const Selection& field : (*document)->definitions()[0].selection_set->selections) {
    fields.push_back(&field);
  }
  Answer result;
  const auto written =
      write_introspection(**schema, **document, fields, variables, limits, result.text);
  if (!written) {
    result.error = written.error().back().diagnostic;
    return result;
  }
  for (const PathError& error : *written) {
    result.nulls += error.path + "\n";
    result.location = std::to_string(error.diagnostic.locations.front().column);
  }
  return result;
}

std::string written(std::string_view query, const Variables& variables = {}) {
  const Answer result = answer(query, variables);
  EXPECT_EQ(result.error.message, "");
  return result.text;
}

TEST(Introspection, OfTheSchemaNamesItsRoots) {
  EXPECT_EQ(written("{ __schema { description queryType { name } mutationType { name } "
                    "subscriptionType { name } __typename } }"),
            R"({"description":"What there is","queryType":{"name":"Root"},"mutationType":null,)"
            R"("subscriptionType":null,"__typename":"__Schema"})");
}

TEST(Introspection, ListsTypesInGraphqlJssOrder) {
  EXPECT_EQ(written("{ __schema { types { name kind } } }"),
            R"({"types":[{"name":"Root","kind":"OBJECT"},{"name":"ID","kind":"SCALAR"},)"
            R"({"name":"Int","kind":"SCALAR"},{"name":"Node","kind":"INTERFACE"},)"
            R"({"name":"Both","kind":"UNION"},{"name":"Other","kind":"OBJECT"},)"
            R"({"name":"E","kind":"ENUM"},{"name":"By","kind":"INPUT_OBJECT"},)"
            R"({"name":"String","kind":"SCALAR"},{"name":"Time","kind":"SCALAR"},)"
            R"({"name":"Boolean","kind":"SCALAR"},{"name":"__Schema","kind":"OBJECT"},)"
            R"({"name":"__Type","kind":"OBJECT"},{"name":"__TypeKind","kind":"ENUM"},)"
            R"({"name":"__Field","kind":"OBJECT"},{"name":"__InputValue","kind":"OBJECT"},)"
            R"({"name":"__EnumValue","kind":"OBJECT"},{"name":"__Directive","kind":"OBJECT"},)"
            R"({"name":"__DirectiveLocation","kind":"ENUM"}]})");
}

TEST(Introspection, OfAnObjectHasFieldsArgumentsAndWrappedTypes) {
  EXPECT_EQ(written(R"({ __type(name: "Root") { kind name description specifiedByURL isOneOf
                       fields(includeDeprecated: true) {
                         name args { name description defaultValue type { kind name ofType {
                           kind ofType { kind ofType { name } } } } }
                         type { name kind ofType { kind ofType { kind ofType { name ofType {
                           name } } } } }
                         isDeprecated deprecationReason }
                       interfaces { name } possibleTypes { name } enumValues { name }
                       inputFields { name } ofType { name } } })"),
            R"({"kind":"OBJECT","name":"Root","description":null,"specifiedByURL":null,)"
            R"("isOneOf":null,"fields":[{"name":"id","args":[{"name":"only","description":)"
            R"("which","defaultValue":"[\"1\", 2]","type":{"kind":"NON_NULL","name":null,)"
            R"("ofType":{"kind":"LIST","ofType":{"kind":"NON_NULL","ofType":{"name":"ID"}}}}}],)"
            R"("type":{"name":"ID","kind":"SCALAR","ofType":null},"isDeprecated":false,)"
            R"("deprecationReason":null},{"name":"self","args":[],"type":{"name":null,"kind":)"
            R"("LIST","ofType":{"kind":"NON_NULL","ofType":{"kind":"LIST","ofType":{"name":null,)"
            R"("ofType":{"name":"Root"}}}}},"isDeprecated":true,"deprecationReason":"because"}],)"
            R"("interfaces":[{"name":"Node"}],"possibleTypes":null,"enumValues":null,)"
            R"("inputFields":null,"ofType":null})");
}

TEST(Introspection, OfAbstractTypesNamesThePossibleOnes) {
  EXPECT_EQ(written(R"({ __type(name: "Node") { interfaces { name } possibleTypes { name } } })"),
            R"({"interfaces":[],"possibleTypes":[{"name":"Root"},{"name":"Other"}]})");
  EXPECT_EQ(written(R"({ __type(name: "Both") { interfaces { name } possibleTypes { name } } })"),
            R"({"interfaces":null,"possibleTypes":[{"name":"Root"},{"name":"Other"}]})");
}

TEST(Introspection, OfEnumsInputsAndScalars) {
  EXPECT_EQ(written(R"({ __type(name: "E") { description enumValues { name description } } })"),
            R"({"description":"e","enumValues":[{"name":"ONE","description":"one"}]})");
  EXPECT_EQ(written(R"({ __type(name: "By") { isOneOf inputFields(includeDeprecated: true) {
                       name isDeprecated deprecationReason } } })"),
            R"({"isOneOf":true,"inputFields":[)"
            R"({"name":"a","isDeprecated":false,"deprecationReason":null},)"
            R"({"name":"b","isDeprecated":false,"deprecationReason":null},)"
            R"({"name":"old","isDeprecated":true,"deprecationReason":"no"}]})");
  EXPECT_EQ(written(R"({ __type(name: "Time") { specifiedByURL } })"),
            R"({"specifiedByURL":"https://example.com/time"})");
  EXPECT_EQ(written(R"({ __type(name: "Other") { fields { args { defaultValue } } } })"),
            R"({"fields":[{"args":[]},{"args":[{"defaultValue":"{ a: 1 }"}]}]})");
}

TEST(Introspection, ListsDirectivesOfTheSdlFirst) {
  EXPECT_EQ(written("{ __schema { directives { name isRepeatable } } }"),
            R"({"directives":[{"name":"old","isRepeatable":true},)"
            R"({"name":"include","isRepeatable":false},{"name":"skip","isRepeatable":false},)"
            R"({"name":"deprecated","isRepeatable":false},)"
            R"({"name":"specifiedBy","isRepeatable":false},)"
            R"({"name":"oneOf","isRepeatable":false}]})");
  EXPECT_EQ(written("{ __schema { directives { locations args { name defaultValue } } } }")
                .substr(0, 100),
            R"({"directives":[{"locations":["FIELD","QUERY"],"args":[{"name":"b","defaultValue":)"
            R"("\"x\\n\\\"y\\\"\"")");
}

TEST(Introspection, OfAnUnknownTypeIsNull) {
  EXPECT_EQ(written(R"({ __type(name: "Missing") { name } })"), "null");
}

TEST(Introspection, MergesFieldsAndFragmentsUnderTheirResponseKey) {
  EXPECT_EQ(written(R"(
              { __schema { queryType { name } ...A } __schema { ... { q: queryType { kind } } } }
              fragment A on __Schema { q: queryType { name } ...B queryType { kind name } }
              fragment B on __Schema { ... on __Schema @include(if: true) { __typename } })"),
            R"({"queryType":{"name":"Root","kind":"OBJECT"},)"
            R"("q":{"name":"Root","kind":"OBJECT"},"__typename":"__Schema"})");
}

TEST(Introspection, SkipAndIncludeTakeLiteralsAndVariables) {
  const Variables variables = {{"yes", {true}}, {"no", {false}}};
  EXPECT_EQ(written(R"(query ($yes: Boolean!, $no: Boolean!) { __schema { queryType {
              a: name @skip(if: $yes) b: name @skip(if: $no) c: name @include(if: $yes)
              d: name @include(if: $no) e: name @skip(if: false) @include(if: false)
              ... @skip(if: true) { f: name } } } })",
                    variables),
            R"({"queryType":{"b":"Root","c":"Root"}})");
  EXPECT_EQ(written("{ __schema { queryType { name @skip(if: true) } } }"), R"({"queryType":{}})");
}

TEST(Introspection, ArgumentsTakeVariables) {
  const Variables variables = {{"all", {true}}, {"name", {std::string("E")}}};
  EXPECT_EQ(written(R"(query ($name: String!, $all: Boolean, $absent: Boolean = false) {
              __type(name: $name) { a: enumValues(includeDeprecated: $all) { name }
              b: enumValues(includeDeprecated: $absent) { name } } })",
                    variables),
            R"({"a":[{"name":"ONE"},{"name":"TWO"}],"b":[{"name":"ONE"}]})");
}

TEST(Introspection, ANullVariableForANonNullArgumentIsAnError) {
  const Answer result = answer(
      R"(query ($n: Boolean = true) { __schema { directives { args(includeDeprecated: $n) { name } } } })",
      {{"n", {Input::Null{}}}});
  EXPECT_EQ(result.error,
            (Diagnostic{.code = ErrorCode::kBadUserInput,
                        .message = "Argument \"__Directive.args(includeDeprecated:)\" has invalid "
                                   "value: Expected variable \"$n\" provided to non-null type "
                                   "\"Boolean!\" not to be null.",
                        .locations = {{.line = 1, .column = 78}}}));
}

// Null goes up to the next field that may be null (GraphQL, section 6.4.4).
TEST(Introspection, AnErrorInANullableFieldMakesThatNull) {
  const Variables variables = {{"n", {Input::Null{}}}};
  const Answer type = answer("query ($n: String = \"E\") { __type(name: $n) { name } }", variables);
  EXPECT_EQ(type.text, "null");
  EXPECT_EQ(type.nulls, "\n");
  EXPECT_EQ(type.location, "41");
  const Answer fields = answer(
      R"(query ($n: Boolean = true) { __type(name: "Other") {
           name fields { args(includeDeprecated: $n) { name } } interfaces { a: name @skip(if: $n) }
           kind } })",
      variables);
  EXPECT_EQ(fields.text, R"({"name":"Other","fields":null,"interfaces":null,"kind":"OBJECT"})");
  EXPECT_EQ(fields.nulls, ",\"fields\",0,\"args\"\n,\"interfaces\",0\n");
}

TEST(Introspection, AnErrorOfAnArgumentIsThereForEachObject) {
  const Answer result = answer(
      "query ($n: Boolean = true) { __schema { types { e: enumValues(includeDeprecated: $n) { name "
      "} "
      "} } }",
      {{"n", {Input::Null{}}}});
  EXPECT_EQ(result.error, Diagnostic{});
  EXPECT_TRUE(result.text.starts_with(R"({"types":[{"e":null},{"e":null},)")) << result.text;
  EXPECT_TRUE(result.nulls.starts_with(",\"types\",0,\"e\"\n,\"types\",1,\"e\"\n")) << result.nulls;
}

TEST(Introspection, TheSizeOfTheAnswerIsBounded) {
  const std::string_view query = "{ __schema { types { name } } }";
  const std::size_t size = written(query).size();
  EXPECT_EQ(answer(query, {}, {.bytes = 2 * size}).error, Diagnostic{});
  const Answer result = answer(query, {}, {.bytes = size / 2});
  EXPECT_EQ(result.error,
            (Diagnostic{.code = ErrorCode::kLimitExceeded,
                        .message = "Introspection answers more than " + std::to_string(size / 2) +
                                   " bytes, the limit \"introspection_bytes\" of this server.",
                        .locations = {{.line = 1, .column = 3}}}));
  EXPECT_LE(result.text.size(), size);
}

TEST(Introspection, AnswersThatMultiplyAreCutEarly) {
  std::string query = "{ __schema { types { ";
  for (int i = 0; i < 30; ++i) {
    query += "interfaces { possibleTypes { ";
  }
  query += "name";
  for (int i = 0; i < 30; ++i) {
    query += "} }";
  }
  const Answer result = answer(query + "} } }");
  EXPECT_EQ(result.error.code, ErrorCode::kLimitExceeded);
  // What was open is closed, and no more.
  EXPECT_LE(result.text.size(), IntrospectionLimits{}.bytes + 1000);
}

TEST(Introspection, DepthThroughFragmentsIsBounded) {
  std::string query = "{ __schema { queryType { ...F0 } } }";
  for (int i = 0; i < 300; ++i) {
    query += "fragment F" + std::to_string(i) + " on __Type { interfaces { possibleTypes { ...F" +
             std::to_string(i + 1) + " } } }";
  }
  const Answer result = answer(query + "fragment F300 on __Type { name }");
  EXPECT_EQ(result.error.code, ErrorCode::kLimitExceeded);
}

}  // namespace
}  // namespace matricula::graphql
