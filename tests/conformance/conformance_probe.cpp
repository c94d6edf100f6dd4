// Answers what the library makes of documents, for comparison with graphql-js. Arguments are
// schemas, NAME=FILE; standard input has one JSON object a line:
//   {"schema": NAME, "query": TEXT, "variables": {...}}  parse, validate, coerce
//   {"schema": NAME, "introspect": TEXT}                 the `__schema` field of that query
//   {"schema": NAME, "print": true}                      the schema as SDL
// and standard output an answer a line, in order.
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "base/assert.h"
#include "base/escape.h"
#include "graphql/coercion/input.h"
#include "graphql/introspection/introspection.h"
#include "graphql/language/parser.h"
#include "graphql/schema/schema.h"
#include "graphql/schema/schema_printer.h"
#include "graphql/validation/validate.h"
#include "json/value.h"

namespace matricula::graphql {

namespace {

using Schemas = std::map<std::string, std::shared_ptr<const Schema>, std::less<>>;

// Limits are ours alone and have tests of their own.
constexpr ValidationOptions kOptions = {
    .selection_depth = SIZE_MAX, .aliases = SIZE_MAX, .root_fields = SIZE_MAX};

std::string answer(std::string_view phase, const std::vector<Diagnostic>& errors) {
  std::string out = R"({"phase":)";
  append_json_string(out, phase);
  out += R"(,"errors":[)";
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
  return out + "]}";
}

std::string text_of(const json::Value* value) {
  const auto* const text = value == nullptr ? nullptr : std::get_if<std::string>(&value->data);
  return text == nullptr ? std::string() : *text;
}

std::string check(const std::shared_ptr<const Schema>& schema, const json::Value& request) {
  const auto document = parse(text_of(request.member("query")), kUnlimited);
  if (!document) {
    return answer("parse", {document.error()});
  }
  const auto valid = validate(schema, *document, kOptions);
  if (!valid) {
    return answer("validate", valid.error());
  }
  const json::Value none;
  const json::Value* const variables = request.member("variables");
  for (const Definition& definition : (*document)->definitions()) {
    if (definition.kind == DefinitionKind::kOperation) {
      const auto values = coerce_variables(*schema, **document, definition,
                                           variables == nullptr ? none : *variables);
      return values ? answer("ok", {}) : answer("variables", values.error());
    }
  }
  return answer("ok", {});
}

std::string introspect(const Schema& schema, std::string query) {
  const auto document = parse(std::move(query), kUnlimited);
  MATRICULA_ASSERT(document.has_value());
  std::string out;
  for (const Selection& field : (*document)->definitions().front().selection_set->selections) {
    const Selection* const fields[] = {&field};
    MATRICULA_ASSERT(write_introspection(schema, **document, fields, {}, {}, out).has_value());
  }
  return out;
}

std::string respond(const Schemas& schemas, const std::string& line) {
  const auto request = json::read(line);
  if (!request) {
    return answer("json", {{.message = request.error().message, .locations = {}}});
  }
  const auto schema = schemas.find(text_of(request->member("schema")));
  MATRICULA_ASSERT(schema != schemas.end());
  if (const json::Value* const query = request->member("introspect")) {
    return introspect(*schema->second, text_of(query));
  }
  if (request->member("print") != nullptr) {
    std::string out;
    append_json_string(out, print_schema(*schema->second));
    return out;
  }
  return check(schema->second, *request);
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
  const auto schemas = matricula::graphql::read_schemas(argument_count, arguments);
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << matricula::graphql::respond(schemas, line) << '\n' << std::flush;
  }
}
