#include "graphql/validation/validate.h"

#include <utility>

#include "graphql/validation/context.h"
#include "graphql/validation/expanded_limits.h"
#include "graphql/validation/walk.h"

namespace matricula::graphql {

tl::expected<ValidDocument, std::vector<Diagnostic>> validate(
    std::shared_ptr<const Schema> schema, std::shared_ptr<const Document> document,
    const ValidationOptions& options) {
  Context context(*schema, *document, options);
  Walk(context).document();
  std::vector<Diagnostic> diagnostics = context.take_diagnostics();
  if (diagnostics.empty()) {
    check_expanded_limits(context);
    diagnostics = context.take_diagnostics();
  }
  if (!diagnostics.empty()) {
    return tl::unexpected(std::move(diagnostics));
  }
  return ValidDocument(std::move(schema), std::move(document));
}

}  // namespace matricula::graphql
