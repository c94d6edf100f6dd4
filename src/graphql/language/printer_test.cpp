#include "graphql/language/printer.h"

#include <gtest/gtest.h>
#include <string>

#include "graphql/language/parser.h"

namespace matricula::graphql {
namespace {

std::string printed(std::string source) {
  const ParseResult document = parse(std::move(source), kUnlimited);
  EXPECT_TRUE(document.has_value()) << document.error().message;
  return print(**document);
}

// What is printed once is printed the same again: the tree is the same.
void expect_printed(std::string source, const std::string& expected) {
  EXPECT_EQ(printed(std::move(source)), expected);
  EXPECT_EQ(printed(expected), expected);
}

TEST(Printer, OperationsAndSelections) {
  expect_printed("{a}", "{\n  a\n}");
  expect_printed("query{a}", "{\n  a\n}");
  expect_printed("query Q($a:Int=1@d,$b:[ID!]!)@e{x:y(z:$a)@f{g}}mutation{h}",
                 "query Q($a: Int = 1 @d, $b: [ID!]!) @e {\n  x: y(z: $a) @f {\n    g\n  }\n}\n\n"
                 "mutation {\n  h\n}");
  expect_printed("\"d\" query ($a:Int){a} fragment F on T @a{...G@b ...{c} ...on U@d{e}}",
                 "\"d\"\nquery ($a: Int) {\n  a\n}\n\nfragment F on T @a {\n  ...G @b\n  ... {\n"
                 "    c\n  }\n  ... on U @d {\n    e\n  }\n}");
  expect_printed("query (\"v\" $a: Int $b: Int) { a }",
                 "query (\n\"v\"\n$a: Int\n$b: Int\n) {\n  a\n}");
}

TEST(Printer, LongArgumentsListsAndObjectsTakeALineEach) {
  const std::string name(30, 'n');
  expect_printed("{ a(" + name + ": 1, " + name + ": 2, c: 3) }",
                 "{\n  a(" + name + ": 1, " + name + ": 2, c: 3)\n}");
  expect_printed("{ a(" + name + ": 1, " + name + ": 2, cccccccccc: 3) }",
                 "{\n  a(\n    " + name + ": 1\n    " + name + ": 2\n    cccccccccc: 3\n  )\n}");
  expect_printed("{ a(b: [" + name + ", " + name + ", " + name + "]) }",
                 "{\n  a(\n    b: [\n      " + name + "\n      " + name + "\n      " + name +
                     "\n    ]\n  )\n}");
  expect_printed("{ a(b: {c: [], d: {}, e: null, f: [true, E, 1.5e3]}) }",
                 "{\n  a(b: { c: [], d: {  }, e: null, f: [true, E, 1.5e3] })\n}");
}

TEST(Printer, Strings) {
  expect_printed(R"({ a(b: "\u0007\n\"\\\u007f\u0085é\u{1F600}") })",
                 "{\n  a(b: \"\\u0007\\n\\\"\\\\\\u007F\\u0085é😀\")\n}");
  expect_printed("{ a(b: \"\"\"one\"\"\", c: \"\"\"\n  two\n    lines\"\"\") }",
                 "{\n  a(b: \"\"\"one\"\"\", c: \"\"\"\n  two\n    lines\n  \"\"\")\n}");
}

TEST(Printer, BlockStringsThatEndInQuotesOrBackslashesTakeALineMore) {
  EXPECT_EQ(print_block_string("one"), R"("""one""")");
  EXPECT_EQ(print_block_string("a \"quote\""), "\"\"\"\na \"quote\"\n\"\"\"");
  EXPECT_EQ(print_block_string("back\\"), "\"\"\"\nback\\\n\"\"\"");
  EXPECT_EQ(print_block_string("\"\"\""), "\"\"\"\n\\\"\"\"\n\"\"\"");
  EXPECT_EQ(print_block_string(" blank"), "\"\"\" blank\"\"\"");
  EXPECT_EQ(print_block_string(std::string(71, 'x')),
            "\"\"\"\n" + std::string(71, 'x') + "\n\"\"\"");
}

TEST(Printer, SaysWhatABlockStringCannotHold) {
  EXPECT_TRUE(is_printable_as_block_string(""));
  EXPECT_TRUE(is_printable_as_block_string("a\n  b\n\nc"));
  EXPECT_FALSE(is_printable_as_block_string("  "));
  EXPECT_FALSE(is_printable_as_block_string("\na"));
  EXPECT_FALSE(is_printable_as_block_string("a\n"));
  EXPECT_FALSE(is_printable_as_block_string("  a\n  b"));
  EXPECT_FALSE(is_printable_as_block_string("a\rb"));
  EXPECT_FALSE(is_printable_as_block_string("a\x07"));
}

TEST(Printer, TypeSystemDefinitions) {
  expect_printed(R"("s" schema@a{query:Q mutation:M}
                    "t" scalar T@specifiedBy(url:"u")
                    type A implements&B&C@x{"f" f("g" g:Int=1@y h:[H!]):T!@deprecated i(j:K):L}
                    interface B implements C{f:T}
                    union U@x=|A|B
                    enum E{ONE@deprecated "two" TWO}
                    input I@oneOf{a:A b:B={c:1}}
                    directive@a(b:C)@x repeatable on|FIELD|QUERY
                    type Empty)",
                 "\"s\"\nschema @a {\n  query: Q\n  mutation: M\n}\n\n"
                 "\"t\"\nscalar T @specifiedBy(url: \"u\")\n\n"
                 "type A implements B & C @x {\n  \"f\"\n  f(\n    \"g\"\n    g: Int = 1 @y\n"
                 "    h: [H!]\n  ): T! @deprecated\n  i(j: K): L\n}\n\n"
                 "interface B implements C {\n  f: T\n}\n\nunion U @x = A | B\n\n"
                 "enum E {\n  ONE @deprecated\n  \"two\"\n  TWO\n}\n\n"
                 "input I @oneOf {\n  a: A\n  b: B = { c: 1 }\n}\n\n"
                 "directive @a(b: C) @x repeatable on FIELD | QUERY\n\ntype Empty");
}

TEST(Printer, AQueryAfterATypeIsNotItsBody) {
  expect_printed("type A query { b } scalar B { c }",
                 "type A\n\nquery {\n  b\n}\n\nscalar B\n\n{\n  c\n}");
}

TEST(Printer, TypeSystemExtensions) {
  expect_printed(
      "extend schema@a extend schema{subscription:S} extend scalar T@a extend type A implements B "
      "extend interface B@a extend union U=A extend enum E{F} extend input I{c:C} "
      "extend directive@a@deprecated",
      "extend schema @a\n\nextend schema {\n  subscription: S\n}\n\nextend scalar T @a\n\n"
      "extend type A implements B\n\nextend interface B @a\n\nextend union U = A\n\n"
      "extend enum E {\n  F\n}\n\nextend input I {\n  c: C\n}\n\nextend directive @a @deprecated");
}

}  // namespace
}  // namespace matricula::graphql
