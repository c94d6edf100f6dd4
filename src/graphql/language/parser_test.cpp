#include "graphql/language/parser.h"

#include <gtest/gtest.h>
#include <string>

namespace matricula::graphql {
namespace {

std::shared_ptr<const Document> parsed(std::string source) {
  ParseResult result = parse(std::move(source), ParseLimits{});
  EXPECT_TRUE(result.has_value()) << result.error().message;
  return *result;
}

TEST(Parser, ReadsAnOperationWithVariablesAndDescriptions) {
  const auto document = parsed(
      "\"finds\" query Q(\"who\" $id: [ID!]! = [\"1\", 2] @a) @b(c: $id) { x: y(z: {k: V}) @d }");
  ASSERT_EQ(document->definitions().size(), 1U);
  const Definition& query = document->definitions()[0];
  EXPECT_EQ(query.kind, DefinitionKind::kOperation);
  EXPECT_EQ(query.operation, OperationType::kQuery);
  EXPECT_FALSE(query.shorthand);
  EXPECT_EQ(query.description.text, "finds");
  EXPECT_EQ(query.name.value, "Q");
  EXPECT_EQ(query.offset, 0U);

  ASSERT_EQ(query.variables.size(), 1U);
  const VariableDefinition& id = query.variables[0];
  EXPECT_EQ(id.description.text, "who");
  EXPECT_EQ(id.variable.value, "id");
  EXPECT_EQ(document->source()[id.variable.offset], '$');
  EXPECT_TRUE(id.type.non_null);
  EXPECT_TRUE(id.type.inner->non_null);
  EXPECT_EQ(id.type.inner->name.value, "ID");
  ASSERT_EQ(id.default_value->items.size(), 2U);
  EXPECT_EQ(id.default_value->items[0].kind, ValueKind::kString);
  EXPECT_EQ(id.default_value->items[1].text, "2");
  EXPECT_EQ(document->source().substr(id.default_value->offset,
                                      id.default_value->end - id.default_value->offset),
            "[\"1\", 2]");
  EXPECT_EQ(id.directives[0].name.value, "a");
  EXPECT_EQ(query.directives[0].arguments[0].value.kind, ValueKind::kVariable);

  const Selection& field = query.selection_set->selections[0];
  EXPECT_EQ(field.response_key(), "x");
  EXPECT_EQ(field.name.value, "y");
  EXPECT_EQ(field.arguments[0].value.fields[0].name.value, "k");
  EXPECT_EQ(field.arguments[0].value.fields[0].value.kind, ValueKind::kEnum);
  EXPECT_EQ(field.directives[0].name.value, "d");
  EXPECT_EQ(field.selection_set, nullptr);
}

TEST(Parser, ReadsFragmentsOfEveryForm) {
  const auto document = parsed(
      "{ ...F @a ... on T @b { c } ... { d } ... @e { f } } \"text\" fragment F on T @g { h }");
  const auto selections = document->definitions()[0].selection_set->selections;
  ASSERT_EQ(selections.size(), 4U);
  EXPECT_TRUE(document->definitions()[0].shorthand);
  EXPECT_EQ(selections[0].kind, SelectionKind::kFragmentSpread);
  EXPECT_EQ(selections[0].name.value, "F");
  EXPECT_EQ(selections[1].kind, SelectionKind::kInlineFragment);
  EXPECT_EQ(selections[1].type_condition.value, "T");
  EXPECT_EQ(selections[2].type_condition.value, "");
  EXPECT_EQ(selections[3].directives[0].name.value, "e");
  const Definition& fragment = document->definitions()[1];
  EXPECT_EQ(fragment.kind, DefinitionKind::kFragment);
  EXPECT_EQ(fragment.description.text, "text");
  EXPECT_EQ(fragment.type_condition.value, "T");
}

TEST(Parser, KeywordsAreNamesWhereNamesStand) {
  parsed("query query { type: fragment(null: null, true: true) { on } }");
  parsed("fragment fragment on on { extend ...query }");
  parsed("type type implements interface & union { input(enum: scalar = directive): schema }");
}

TEST(Parser, ReadsEveryTypeSystemDefinition) {
  const auto document = parsed(R"(
    "s" schema @a { query: Q mutation: M }
    "d" scalar Time @specifiedBy(url: "u")
    type A implements & B & C @x { "f" f("g" g: Int = 1 @y, h: [H!]): T! @deprecated }
    interface B implements C { f: T }
    union U @x = | A | B
    enum E { ONE @deprecated "two" TWO }
    input I @oneOf { a: A b: B = {c: 1} }
    directive @a(b: C) repeatable on | FIELD | INPUT_OBJECT
    directive @c @deprecated on QUERY
    type Empty)");
  const auto definitions = document->definitions();
  ASSERT_EQ(definitions.size(), 10U);
  EXPECT_EQ(definitions[0].root_operations[1].type.value, "M");
  EXPECT_EQ(definitions[1].directives[0].arguments[0].value.text, "u");
  EXPECT_EQ(definitions[2].interfaces[1].value, "C");
  EXPECT_EQ(definitions[2].fields[0].arguments[0].default_value->text, "1");
  EXPECT_EQ(definitions[2].fields[0].directives[0].name.value, "deprecated");
  EXPECT_EQ(definitions[3].kind, DefinitionKind::kInterface);
  EXPECT_EQ(definitions[4].members.size(), 2U);
  EXPECT_EQ(definitions[5].enum_values[1].description.text, "two");
  EXPECT_EQ(definitions[6].input_fields[1].default_value->kind, ValueKind::kObject);
  EXPECT_TRUE(definitions[7].repeatable);
  EXPECT_EQ(definitions[7].locations[1].value, "INPUT_OBJECT");
  EXPECT_EQ(definitions[8].directives[0].name.value, "deprecated");
  EXPECT_TRUE(definitions[9].fields.empty());
}

TEST(Parser, ReadsEveryTypeSystemExtension) {
  const auto document = parsed(R"(
    extend schema @a
    extend schema { subscription: S }
    extend scalar Time @a
    extend type A implements B
    extend type A { f: T }
    extend interface B @a
    extend union U = A
    extend enum E { THREE }
    extend input I { c: C }
    extend directive @a @deprecated)");
  ASSERT_EQ(document->definitions().size(), 10U);
  for (const Definition& definition : document->definitions()) {
    EXPECT_TRUE(definition.extension);
  }
}

TEST(Parser, EmptyListsAndObjectsAreValues) {
  const auto document = parsed("{ a(b: [], c: {}) }");
  const auto arguments = document->definitions()[0].selection_set->selections[0].arguments;
  EXPECT_EQ(arguments[0].value.end - arguments[0].value.offset, 2U);
  EXPECT_EQ(arguments[1].value.end - arguments[1].value.offset, 2U);
}

TEST(Parser, CountsTheMemoryOfItsNodes) {
  const auto document = parsed("{ a(b: \"\\n\") }");
  EXPECT_GT(document->bytes(), document->source().size() + sizeof(Definition) + sizeof(Selection));
}

}  // namespace
}  // namespace matricula::graphql
