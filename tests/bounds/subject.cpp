#include "tests/bounds/subject.h"

#include <fstream>
#include <sstream>

#include "base/assert.h"
#include "graphql/coercion/input.h"
#include "graphql/language/parser.h"
#include "graphql/validation/validate.h"
#include "json/value.h"

namespace matricula::bounds {

std::shared_ptr<const graphql::Schema> attacked_schema() {
  std::ostringstream sdl;
  sdl << std::ifstream("domains/program_progress/schema.graphql").rdbuf();
  auto schema = graphql::Schema::from_sdl(sdl.str());
  MATRICULA_ASSERT(schema.has_value());
  return *schema;
}

std::string digest(const std::shared_ptr<const graphql::Schema>& schema, const Attack& attack) {
  const auto values = json::read(attack.variables.empty() ? "{}" : attack.variables);
  if (!values) {
    return values.error().message;
  }
  const auto document = graphql::parse(attack.document, {});
  if (!document) {
    return document.error().message;
  }
  const auto valid = graphql::validate(schema, *document, {});
  if (!valid) {
    return valid.error().front().message;
  }
  for (const graphql::Definition& definition : (*document)->definitions()) {
    if (definition.kind == graphql::DefinitionKind::kOperation) {
      const auto variables = graphql::coerce_variables(*schema, **document, definition, *values);
      return variables ? "ok" : variables.error().front().message;
    }
  }
  return "ok";
}

}  // namespace matricula::bounds
