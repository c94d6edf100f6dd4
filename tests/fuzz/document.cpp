#include <string>

#include "base/assert.h"
#include "domains/domains.h"
#include "graphql/language/parser.h"
#include "graphql/language/printer.h"
#include "graphql/validation/validate.h"

namespace {

const std::shared_ptr<const matricula::graphql::Schema>& schema() {
  static const auto kBuilt = [] {
    for (const auto& domain : matricula::domains::all_domains()) {
      if (domain.name == "program-progress") {
        return *matricula::graphql::Schema::from_sdl(domain.sdl);
      }
    }
    MATRICULA_ASSERT(false && "the domain is part of the build");
    return std::shared_ptr<const matricula::graphql::Schema>();
  }();
  return kBuilt;
}

}  // namespace

// Any text is parsed or refused; what is parsed is validated without harm, and printed it parses
// again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace matricula::graphql;
  const auto document = parse(std::string(reinterpret_cast<const char*>(data), size), {});
  if (!document) {
    return 0;
  }
  const std::string printed = print(**document);
  const auto again = parse(printed, kUnlimited);
  MATRICULA_ASSERT(again.has_value());
  MATRICULA_ASSERT(print(**again) == printed);
  const auto valid = validate(schema(), *document, {});
  MATRICULA_ASSERT(valid.has_value() || !valid.error().empty());
  return 0;
}
