#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "graphql/coercion/input.h"
#include "graphql/language/parser.h"
#include "graphql/schema/schema.h"
#include "json/value.h"

namespace {

constexpr std::string_view kSdl = R"(
scalar Time
scalar Duration
scalar Anything
enum Color { RED GREEN }
input Filter {
  ids: [ID!] = ["a"] matrix: [[Int!]!] since: Time lasting: Duration any: Anything not: Filter
  color: Color! = RED by: Choice limit: Int! = 5 ratio: Float name: String flag: Boolean!
}
input Choice @oneOf { id: ID where: Filter all: [Boolean!] }
type Query { f(where: Filter, by: Choice): Int })";

constexpr std::string_view kSeparator = "\n--\n";

}  // namespace

// A document and JSON, a line of two dashes between them: its variables are coerced, or refused
// with reasons, whether the document is valid or not.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace matricula;
  using namespace matricula::graphql;
  static const auto kSchema = *Schema::from_sdl(kSdl);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t middle = text.find(kSeparator);
  if (middle == std::string_view::npos) {
    return 0;
  }
  const auto document = parse(std::string(text.substr(0, middle)), {});
  const auto values = json::read(text.substr(middle + kSeparator.size()));
  if (!document || !values) {
    return 0;
  }
  for (const Definition& definition : (*document)->definitions()) {
    if (definition.kind == DefinitionKind::kOperation) {
      const auto coerced = coerce_variables(*kSchema, **document, definition, *values);
      MATRICULA_ASSERT(coerced || !coerced.error().empty());
    }
  }
  return 0;
}
