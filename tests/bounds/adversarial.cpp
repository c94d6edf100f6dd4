#include "tests/bounds/adversarial.h"

#include <algorithm>
#include <fmt/format.h>
#include <functional>

namespace matricula::bounds {

namespace {

// As many tokens as are permitted, less some for what stands around them.
constexpr std::size_t kTokens = 9'900;

using Make = std::function<std::string(std::size_t)>;

// `make(i)` for i below `count`, as far as the size permits.
std::string each(std::size_t count, const Make& make) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string part = make(i);
    if (text.size() + part.size() > kBodyBytesMax - 1024) {
      break;
    }
    text += part;
  }
  return text;
}

std::string repeated(std::string_view text, std::size_t times) {
  return each(times, [&](std::size_t) { return std::string(text); });
}

std::string page(const std::string& selections) {
  return "{ programProgress { edges { node { " + selections + " } } } }";
}

std::string with_input(const std::string& input) {
  return "{ programProgress(input: " + input + ") { totalCount } }";
}

std::string long_name(std::size_t i) {
  return fmt::format("a_name_of_twenty_{:05}", i);
}

// As many fragments as there are tokens for, each of `tokens` tokens.
std::string fragments(std::size_t tokens, const std::function<std::string(std::size_t)>& body,
                      std::size_t less = 0) {
  return each((kTokens - less) / (tokens + 6), [&](std::size_t i) {
    return fmt::format(" fragment F{} on ProgramProgressRecord {{ {} }}", i, body(i));
  });
}

void add_fields(std::vector<Attack>& out) {
  out.push_back({"one field, often", page(repeated("userId ", kTokens)), {}});
  out.push_back({"one field with arguments, often",
                 "{ " + repeated("programProgress(input: {first: 1}) { totalCount } ", 49) + "}",
                 {}});
  out.push_back(
      {"fields of one alias",
       page(each(kTokens / 3, [](std::size_t) { return std::string("userId: userEmail "); })),
       {}});
  out.push_back({"aliases without end",
                 page(each(kTokens / 3, [](std::size_t i) { return long_name(i) + ": userId "; })),
                 {}});
  out.push_back({"unknown fields",
                 page(each(kTokens, [](std::size_t i) { return long_name(i) + " "; })),
                 {}});
  out.push_back(
      {"unknown fields, as long as can be",
       page(each(99,
                 [](std::size_t i) { return std::string(2'500, 'u') + std::to_string(i) + " "; })),
       {}});
  out.push_back(
      {"two fields with a thousand arguments each",
       page(each(2,
                 [](std::size_t) {
                   return "userId(" +
                          each(1'200, [](std::size_t i) { return long_name(i) + ": 1 "; }) + ") ";
                 })),
       {}});
  out.push_back({"two fields with arguments of one name",
                 page(repeated("userId(" + repeated("a: 1 ", 1'600) + ") ", 2)),
                 {}});
  out.push_back(
      {"one list of fields in the next",
       "{ programProgress " +
           repeated("{ edges { node { userId } } ... { edges { node { userId } } } }", 1) + " }",
       {}});
}

void add_directives(std::vector<Attack>& out) {
  out.push_back(
      {"one directive, often", page("userId " + repeated("@skip(if: true) ", 1'400)), {}});
  out.push_back(
      {"unknown directives",
       page("userId " + each(kTokens / 2, [](std::size_t i) { return "@" + long_name(i) + " "; })),
       {}});
  out.push_back({"directives on each field",
                 page(each(kTokens / 7,
                           [](std::size_t) { return std::string("userId @include(if: true) "); })),
                 {}});
}

void add_fragments(std::vector<Attack>& out) {
  const std::string start = "{ programProgress { edges { node { ...F0 } } } }";
  out.push_back({"a chain of fragments",
                 start + fragments(2, [](std::size_t i) { return fmt::format("...F{}", i + 1); }) +
                     " fragment Fin on ProgramProgressRecord { userId }",
                 {}});
  out.push_back(
      {"fragments that double",
       start +
           fragments(4, [](std::size_t i) { return fmt::format("...F{} ...F{}", i + 1, i + 1); }),
       {}});
  out.push_back(
      {"a circle of fragments",
       start + fragments(2, [](std::size_t i) { return fmt::format("...F{}", (i + 1) % 1'237); }),
       {}});
  // n fragments that all spread all of n.
  out.push_back(
      {"every fragment in every other",
       start + each(67,
                    [](std::size_t i) {
                      return fmt::format(
                          " fragment F{} on ProgramProgressRecord {{ "
                          "{} }}",
                          i, each(67, [](std::size_t j) { return fmt::format("...F{} ", j); }));
                    }),
       {}});
  out.push_back({"every fragment in every later one",
                 start + each(67,
                              [](std::size_t i) {
                                return fmt::format(
                                    " fragment F{} on "
                                    "ProgramProgressRecord {{ userId {} }}",
                                    i, each(66 - i, [i](std::size_t j) {
                                      return fmt::format("...F{} ", i + j + 1);
                                    }));
                              }),
                 {}});
  out.push_back({"a thousand fragments side by side",
                 page(each(990, [](std::size_t i) { return fmt::format("...F{} ", i); })) +
                     fragments(
                         1, [](std::size_t) { return std::string("userId"); }, 1'980),
                 {}});
  out.push_back({"fragments that nothing uses",
                 "{ __typename }" + fragments(1, [](std::size_t) { return std::string("userId"); }),
                 {}});
  out.push_back({"fragments of one name",
                 "{ __typename }" + repeated(" fragment F on Query { a }", kTokens / 7),
                 {}});
  out.push_back(
      {"operations that share fragments",
       each(700,
            [](std::size_t i) { return fmt::format("query Q{}($v: Boolean!) {{ ...F0 }} ", i); }) +
           " fragment F0 on Query { programProgress @skip(if: $v) { totalCount } }",
       {}});
  out.push_back(
      {"fragments on types that are not there",
       "{ __typename " +
           each(kTokens / 6,
                [](std::size_t i) { return fmt::format("... on {} {{ a }} ", long_name(i)); }) +
           "}",
       {}});
}

void add_nesting(std::vector<Attack>& out) {
  const auto nested = [](std::string_view open, std::string_view close, std::size_t levels) {
    return repeated(open, levels) + "1" + repeated(close, levels);
  };
  out.push_back(
      {"lists in lists",
       "{ programProgress " +
           each(24, [&](std::size_t) { return "@include(if: " + nested("[", "]", 190) + ") "; }) +
           " { totalCount } }",
       {}});
  out.push_back(
      {"objects in objects", with_input("{filter: " + nested("{filter: ", "}", 190) + "}"), {}});
  out.push_back(
      {"objects wide and deep",
       with_input("[" + each(16, [&](std::size_t) { return nested("{filter: ", "}", 150) + " "; }) +
                  "]"),
       {}});
  out.push_back({"inline fragments in inline fragments",
                 "{ programProgress {" +
                     each(16,
                          [](std::size_t) {
                            return " " + repeated("... { ", 190) + "totalCount" +
                                   repeated(" }", 190);
                          }) +
                     "} }",
                 {}});
  out.push_back({"types in types",
                 "query Q(" +
                     each(24,
                          [](std::size_t i) {
                            return fmt::format("$a{}: ", i) + repeated("[", 190) + "Int" +
                                   repeated("]", 190) + " ";
                          }) +
                     ") { __typename }",
                 {}});
}

void add_values(std::vector<Attack>& out) {
  out.push_back(
      {"an object of unknown fields",
       with_input("{" + each(kTokens / 3, [](std::size_t i) { return long_name(i) + ": 1 "; }) +
                  "}"),
       {}});
  out.push_back(
      {"an object of one field", with_input("{" + repeated("first: 1 ", kTokens / 3) + "}"), {}});
  out.push_back({"a list of wrong values",
                 with_input("{filter: {userIds: [" + repeated("1.5 ", kTokens - 20) + "]}}"),
                 {}});
  out.push_back(
      {"a list of near enumeration values",
       with_input("{filter: {enrollmentStatus: [" +
                  each(kTokens - 20, [](std::size_t i) { return long_name(i) + " "; }) + "]}}"),
       {}});
  out.push_back({"a list of right values",
                 with_input("{filter: {userIds: [" + repeated("\"a\" ", kTokens - 20) + "]}}"),
                 {}});
  out.push_back(
      {"one long string", with_input("{query: \"" + std::string(250'000, 'x') + "\"}"), {}});
  out.push_back({"one string of escapes",
                 with_input("{query: \"" + repeated("\\u{1F600}", 27'000) + "\"}"),
                 {}});
  out.push_back({"one block string of empty lines",
                 with_input("{query: \"\"\"" + repeated("\n", 250'000) + "\"\"\"}"),
                 {}});
  out.push_back({"one block string of indented lines",
                 with_input("{query: \"\"\"" + repeated("\n  a", 60'000) + "\"\"\"}"),
                 {}});
  out.push_back({"one comment", page("userId #" + std::string(250'000, 'x') + "\n"), {}});
  out.push_back({"lines without end", page("x " + repeated("\n", 250'000) + " y"), {}});
}

void add_variables(std::vector<Attack>& out) {
  const auto definitions = [](std::size_t count, std::string_view type) {
    return each(count, [&](std::size_t i) { return fmt::format("$v{}: {} ", i, type); });
  };
  const auto uses = [](std::size_t count) {
    return each(count, [](std::size_t i) { return fmt::format("$v{} ", i); });
  };
  const std::string many = "query Q(" + definitions(1'350, "ID!") +
                           ") { programProgress(input: {filter: {userIds: [" + uses(1'350) +
                           "]}}) { totalCount } }";
  out.push_back({"variables that nothing uses",
                 "query Q(" + definitions(1'950, "ID!") + ") { __typename }",
                 {}});
  out.push_back({"variables that are not defined",
                 with_input("{filter: {userIds: [" + uses(4'900) + "]}}"),
                 {}});
  out.push_back(
      {"variables of one name", "query Q(" + repeated("$a: Int ", 2'400) + ") { __typename }", {}});
  out.push_back({"many variables, and others in the request", many,
                 "{" + each(10'000, [](std::size_t i) {
                   return fmt::format(R"("x{}":1,)", i);
                 }) + each(1'350, [](std::size_t i) {
                   return fmt::format(R"({}"v{}":"a")", i == 0 ? "" : ",", i);
                 }) + "}"});
  const std::string one =
      "query Q($i: ProgramProgressInput) { programProgress(input: $i) { totalCount } }";
  const auto list = [](std::size_t count, std::string_view item) {
    return "[" + each(count, [&](std::size_t) { return std::string(item) + ","; }) +
           std::string(item) + "]";
  };
  out.push_back({"a variable of wrong values", one,
                 R"({"i":{"filter":{"userIds":)" + list(100'000, "[]") + "}}}"});
  out.push_back({"a variable of right values", one,
                 R"({"i":{"filter":{"userIds":)" + list(50'000, R"("a")") + "}}}"});
  out.push_back(
      {"a variable of unknown fields", one, R"({"i":{"first":1)" + each(20'000, [](std::size_t i) {
                                              return fmt::format(R"(,"f{}":1)", i);
                                            }) + "}}"});
  out.push_back({"a variable of near enumeration values", one,
                 R"({"i":{"filter":{"enrollmentStatus":)" + list(30'000, R"("ENROLED")") + "}}}"});
}

void add_definitions(std::vector<Attack>& out) {
  out.push_back({"operations of one name", repeated("query Q { __typename } ", kTokens / 5), {}});
  out.push_back({"operations without a name", repeated("{ __typename } ", kTokens / 3), {}});
  out.push_back({"type definitions", repeated("extend scalar A @a ", kTokens / 5), {}});
  out.push_back(
      {"introspection of everything",
       "{ __schema { types { " + repeated("fields { type { fields { name } } } ", 90) + "} } }",
       {}});
}

}  // namespace

std::vector<Attack> attacks() {
  std::vector<Attack> out;
  add_fields(out);
  add_directives(out);
  add_fragments(out);
  add_nesting(out);
  add_values(out);
  add_variables(out);
  add_definitions(out);
  return out;
}

}  // namespace matricula::bounds
