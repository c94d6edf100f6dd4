#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "execution/limits.h"
#include "graphql/language/diagnostic.h"
#include "graphql/schema/schema.h"
#include "planning/mapping.h"
#include "records/entities.h"
#include "sql/dialect.h"
#include "storage/database.h"
#include "storage/list_scope.h"
#include "tables/table_reader.h"

namespace matricula::dataapi {

// The conditions on a progress table's rows that a request's filter and search mean. Immutable.
class RowFilter {
 public:
  // `relation` must outlive it.
  RowFilter(const sql::Relation& relation, std::vector<storage::Condition> conditions,
            bool nothing_matches, std::string text)
      : relation_(relation),
        conditions_(std::move(conditions)),
        nothing_matches_(nothing_matches),
        text_(std::move(text)) {}

  // The request's text of the filter; equal texts are equal conditions.
  const std::string& text() const { return text_; }

  // The conditions as SQL. The binds borrow from `values` and from the filter.
  struct Values {
    std::vector<storage::Value> of_lists = {};
    std::vector<std::string> texts = {};
  };
  tables::RowCondition condition(sql::Dialect dialect, Values& values) const;

 private:
  const sql::Relation& relation_;
  std::vector<storage::Condition> conditions_;
  bool nothing_matches_;
  std::string text_;
};

// The filters of the progress endpoints, for their tables. Immutable.
class RowFilters {
 public:
  // A GraphQL endpoint; both outlive what is made of it.
  struct Endpoint {
    const graphql::Schema& schema;
    const planning::Mapping& mapping;
  };
  RowFilters(std::span<const Endpoint> endpoints, const execution::ExecutionLimits& limits);

  using Outcome = tl::expected<std::shared_ptr<const RowFilter>, std::vector<graphql::Diagnostic>>;
  // Reads the JSON of a filter input and the text of a search, checked and worded as the table's
  // endpoint does; at least one is given. kBadUserInput also where the table takes no such
  // parameter, or it is empty.
  Outcome read(records::EntityId table, std::optional<std::string_view> filter,
               std::optional<std::string_view> query) const;

 private:
  // The endpoint whose filter a table takes.
  struct Source {
    const graphql::Schema* schema = nullptr;
    const graphql::NamedType* input = nullptr;  // of the connection
    std::optional<planning::ConnectionRoot> root = {};
    bool has_search = false;
  };
  std::array<Source, records::kEntityCount> sources_ = {};
  execution::ExecutionLimits limits_;
};

}  // namespace matricula::dataapi
