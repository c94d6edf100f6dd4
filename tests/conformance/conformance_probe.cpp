// Answers what the library makes of documents, for comparison with graphql-js. Arguments are
// schemas, NAME=FILE; standard input has one JSON object a line:
//   {"schema": NAME, "query": TEXT, "variables": {...}}   parse, validate, coerce
//   {"schema": NAME, "coerce": TEXT, "variables": {...}}  the variables of a document not validated
//   {"schema": NAME, "reprint": TEXT}                     the document as the printer has it
//   {"schema": NAME, "introspect": TEXT}                  the answer to a query of __schema, __type
//   {"schema": NAME, "execute": TEXT, "variables": {...}, "root": {...}}  the whole answer, with
//   the
//                                                         root fields' values as texts of JSON
//   {"schema": NAME, "print": true}                       the schema as SDL
//   {"schema": NAME, "coordinate": TEXT}                  the element of it that a coordinate names
// and standard output an answer a line, in order. The first two take "hideSuggestions" as well.
#include <cmath>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/assert.h"
#include "base/escape.h"
#include "graphql/coercion/input.h"
#include "graphql/coercion/json_text.h"
#include "graphql/introspection/introspection.h"
#include "graphql/language/parser.h"
#include "graphql/language/printer.h"
#include "graphql/schema/coordinate.h"
#include "graphql/schema/schema.h"
#include "graphql/schema/schema_printer.h"
#include "graphql/validation/validate.h"
#include "json/value.h"
#include "tests/conformance/answer.h"

namespace matricula::graphql {

namespace {

using Schemas = std::map<std::string, std::shared_ptr<const Schema>, std::less<>>;

// Limits are ours alone and have tests of their own.
constexpr std::size_t kNoLimit = SIZE_MAX / 16;
constexpr ValidationOptions kOptions = {.merge_comparisons = kNoLimit,
                                        .fragment_expansions = kNoLimit,
                                        .selection_depth = kNoLimit,
                                        .aliases = kNoLimit,
                                        .root_fields = kNoLimit,
                                        .mutations = kNoLimit};

void append_errors(std::string& out, const std::vector<Diagnostic>& errors) {
  out += '[';
  for (const Diagnostic& error : errors) {
    out += &error == errors.data() ? R"({"message":)" : R"(,{"message":)";
    append_json_string(out, error.message);
    out += R"(,"locations":[)";
    for (const Location& location : error.locations) {
      out += &location == error.locations.data() ? "[" : ",[";
      out += std::to_string(location.line) + "," + std::to_string(location.column) + "]";
    }
    out += "]}";
  }
  out += ']';
}

void append(std::string& out, const Input& input);

template <typename Members>
void append_members(std::string& out, const Members& members) {
  out += '{';
  const char* separator = "";
  for (const auto& [name, value] : members) {
    out += separator;
    append_json_string(out, name);
    out += ':';
    append(out, value);
    separator = ",";
  }
  out += '}';
}

struct Appender {
  std::string& out;

  void operator()(const Input::Null&) const { out += "null"; }
  void operator()(bool flag) const { out += flag ? "true" : "false"; }
  void operator()(std::int32_t number) const { out += std::to_string(number); }
  // As JSON.stringify() does.
  void operator()(double number) const {
    out += std::isfinite(number) ? number_text(number) : "null";
  }
  void operator()(const std::string& text) const { append_json_string(out, text); }
  void operator()(const Input::EnumName& value) const { append_json_string(out, value.name); }
  void operator()(const Input::Time& time) const {
    out += R"({"micros":")" + std::to_string(time.micros) + "\"}";
  }
  void operator()(const Input::List& list) const {
    out += '[';
    for (const Input& item : list) {
      out += &item == list.data() ? "" : ",";
      append(out, item);
    }
    out += ']';
  }
  void operator()(const Input::Object& object) const { append_members(out, object); }
};

void append(std::string& out, const Input& input) {
  std::visit(Appender{out}, input.value);
}

// `more` is what follows the errors: members, each with a comma before it.
std::string answer(std::string_view phase, const std::vector<Diagnostic>& errors,
                   std::string_view more = {}) {
  std::string out = R"({"phase":)";
  append_json_string(out, phase);
  out += R"(,"errors":)";
  append_errors(out, errors);
  out += more;
  return out + "}";
}

std::string text_of(const json::Value* value) {
  const auto* const text = value == nullptr ? nullptr : std::get_if<std::string>(&value->data);
  return text == nullptr ? std::string() : *text;
}

const Definition* first_operation(const Document& document) {
  for (const Definition& definition : document.definitions()) {
    if (definition.kind == DefinitionKind::kOperation) {
      return &definition;
    }
  }
  return nullptr;
}

// The arguments of the fields that stand directly in an operation: the values of each, or the first
// error.
void append_arguments(std::string& out, const Schema& schema, const Document& document,
                      const Definition& operation, const Variables& variables) {
  out += R"(,"arguments":[)";
  const char* separator = "";
  for (const Selection& selection : operation.selection_set->selections) {
    if (selection.kind != SelectionKind::kField || selection.name.value.starts_with("__")) {
      continue;
    }
    const NamedType& root = *schema.root(operation.operation);
    std::map<std::string_view, Input> values;
    std::vector<Diagnostic> errors;
    for (const InputValue& definition : schema.field(root, selection.name.value)->arguments) {
      const Argument* written = nullptr;
      for (const Argument& argument : selection.arguments) {
        written = argument.name.value == definition.name ? &argument : written;
      }
      auto value = coerce_argument(document, definition, written, variables, selection, root.name);
      if (!value) {
        errors.push_back(std::move(value.error()));
        break;
      }
      if (*value) {
        values.emplace(definition.name, std::move(**value));
      }
    }
    out += std::exchange(separator, ",");
    if (errors.empty()) {
      append_members(out, values);
    } else {
      std::string text;
      append_errors(text, errors);
      out += text.substr(1, text.size() - 2);
    }
  }
  out += ']';
}

struct Request {
  std::shared_ptr<const Schema> schema;
  std::string text;
  const json::Value* variables = nullptr;
  bool suggestions = true;
};

std::string run(const Request& request, const Document& document, bool with_arguments) {
  const Definition* const operation = first_operation(document);
  if (operation == nullptr) {
    return answer("ok", {});
  }
  const json::Value none;
  const auto values = coerce_variables(*request.schema, document, *operation,
                                       request.variables == nullptr ? none : *request.variables,
                                       {.suggestions = request.suggestions});
  if (!values) {
    return answer("variables", values.error());
  }
  std::string more = R"(,"values":)";
  append_members(more, *values);
  if (with_arguments) {
    append_arguments(more, *request.schema, document, *operation, *values);
  }
  return answer("ok", {}, more);
}

std::string check(const Request& request) {
  const auto document = parse(request.text, kUnlimited);
  if (!document) {
    return answer("parse", {document.error()});
  }
  ValidationOptions options = kOptions;
  options.suggestions = request.suggestions;
  const auto valid = validate(request.schema, *document, options);
  return valid ? run(request, **document, true) : answer("validate", valid.error());
}

std::string coerce(const Request& request) {
  const auto document = parse(request.text, kUnlimited);
  return document ? run(request, **document, false) : answer("parse", {document.error()});
}

std::string reprint(const std::string& text) {
  const auto document = parse(text, kUnlimited);
  if (!document) {
    return answer("parse", {document.error()});
  }
  std::string more = R"(,"text":)";
  append_json_string(more, print(**document));
  return answer("ok", {}, more);
}

// With the limits of a server, which the queries of tools must pass.
std::string introspect(const std::shared_ptr<const Schema>& schema, std::string query) {
  const auto document = parse(std::move(query), {});
  if (!document) {
    return answer("parse", {document.error()});
  }
  if (const auto valid = validate(schema, *document, {}); !valid) {
    return answer("validate", valid.error());
  }
  std::string out = R"({"data":{)";
  const auto fields = first_operation(**document)->selection_set->selections;
  for (const Selection& field : fields) {
    const Selection* const merged[] = {&field};
    out += &field == fields.data() ? "" : ",";
    append_json_string(out, field.response_key());
    out += ':';
    if (const auto done = write_introspection(*schema, **document, merged, {}, {}, out); !done) {
      return answer("introspect", {done.error().back().diagnostic});
    }
  }
  return out + "}}";
}

std::string execute(const std::shared_ptr<const Schema>& schema, const json::Value& request) {
  const auto document = parse(text_of(request.member("execute")), kUnlimited);
  if (!document) {
    return answer("parse", {document.error()});
  }
  const auto valid = validate(schema, *document, kOptions);
  if (!valid) {
    return answer("validate", valid.error());
  }
  auto variables = coerce_variables(*schema, **document, *first_operation(**document),
                                    *request.member("variables"));
  return variables ? conformance::answer_of(*valid, std::move(*variables), *request.member("root"))
                   : answer("variables", variables.error());
}

std::string find_element(const Schema& schema, const std::string& text) {
  const auto coordinate = parse_coordinate(text);
  if (!coordinate) {
    return answer("parse", {coordinate.error()});
  }
  const auto element = resolve_coordinate(schema, *coordinate);
  if (!element) {
    return answer("resolve", {element.error()});
  }
  if (!*element) {
    return answer("absent", {});
  }
  std::string more = R"(,"text":)";
  append_json_string(more, print_element(**element));
  return answer("ok", {}, more);
}

std::string respond(const Schemas& schemas, const std::string& line) {
  const auto request = json::read(line);
  if (!request) {
    return answer("json", {{.message = request.error().message, .locations = {}}});
  }
  const auto schema = schemas.find(text_of(request->member("schema")));
  MATRICULA_ASSERT(schema != schemas.end());
  if (const json::Value* const query = request->member("introspect")) {
    return introspect(schema->second, text_of(query));
  }
  if (request->member("execute") != nullptr) {
    return execute(schema->second, *request);
  }
  if (request->member("print") != nullptr) {
    std::string out;
    append_json_string(out, print_schema(*schema->second));
    return out;
  }
  if (const json::Value* const text = request->member("coordinate")) {
    return find_element(*schema->second, text_of(text));
  }
  if (const json::Value* const text = request->member("reprint")) {
    return reprint(text_of(text));
  }
  const json::Value* const to_coerce = request->member("coerce");
  const Request task{.schema = schema->second,
                     .text = text_of(to_coerce != nullptr ? to_coerce : request->member("query")),
                     .variables = request->member("variables"),
                     .suggestions = request->member("hideSuggestions") == nullptr};
  return to_coerce != nullptr ? coerce(task) : check(task);
}

Schemas read_schemas(int count, char** arguments) {
  Schemas schemas;
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    const std::size_t mark = argument.find('=');
    MATRICULA_ASSERT(mark != std::string::npos);
    std::ostringstream sdl;
    sdl << std::ifstream(argument.substr(mark + 1)).rdbuf();
    auto schema = Schema::from_sdl(sdl.str());
    if (!schema) {
      std::cerr << argument << ": " << schema.error().message << '\n';
    }
    MATRICULA_ASSERT(schema.has_value());
    schemas.emplace(argument.substr(0, mark), *schema);
  }
  return schemas;
}

}  // namespace

}  // namespace matricula::graphql

int main(int argument_count, char** arguments) {
  std::ios::sync_with_stdio(false);
  const auto schemas = matricula::graphql::read_schemas(argument_count, arguments);
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << matricula::graphql::respond(schemas, line) << '\n';
    if (std::cin.rdbuf()->in_avail() <= 0) {
      std::cout << std::flush;
    }
  }
}
