#pragma once

#include <memory>
#include <tl/expected.hpp>
#include <vector>

#include "graphql/language/ast.h"
#include "graphql/language/diagnostic.h"
#include "graphql/language/parser.h"
#include "graphql/schema/schema.h"

namespace matricula::graphql {

struct ValidationOptions {
  std::size_t errors_max = 100;
  // Budgets of the document: fields compared to merge them, and fragments followed, each as often
  // as it is reached.
  std::size_t merge_comparisons = 10'000;
  std::size_t fragment_expansions = 10'000;
  bool suggestions = true;  // "Did you mean ..."
  // As in ParseLimits, but with what fragment spreads bring; counted for each operation.
  std::size_t selection_depth = ParseLimits().selection_depth;
  std::size_t aliases = ParseLimits().aliases;
  std::size_t root_fields = ParseLimits().root_fields;
  std::size_t mutations = 10;  // root fields of a mutation
};

// A document that obeys every rule of its schema. Only validate() makes one, so nothing can be
// planned that was not checked. Copying shares the document.
class ValidDocument {
 public:
  const Document& document() const { return *document_; }
  const Schema& schema() const { return *schema_; }
  const std::shared_ptr<const Document>& shared_document() const { return document_; }
  const std::shared_ptr<const Schema>& shared_schema() const { return schema_; }

 private:
  friend tl::expected<ValidDocument, std::vector<Diagnostic>> validate(
      std::shared_ptr<const Schema>, std::shared_ptr<const Document>, const ValidationOptions&);
  ValidDocument(std::shared_ptr<const Schema> schema, std::shared_ptr<const Document> document)
      : schema_(std::move(schema)), document_(std::move(document)) {}

  std::shared_ptr<const Schema> schema_;
  std::shared_ptr<const Document> document_;
};

// Checks an executable document against a schema: every rule of GraphQL, section 5, in one walk;
// messages, locations and order are graphql-js's. A document that passes a budget or a limit gets
// one Diagnostic, of kLimitExceeded, that names it. Pure.
tl::expected<ValidDocument, std::vector<Diagnostic>> validate(
    std::shared_ptr<const Schema> schema, std::shared_ptr<const Document> document,
    const ValidationOptions& options);

}  // namespace matricula::graphql
