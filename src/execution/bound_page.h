#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "execution/limits.h"
#include "graphql/coercion/input.h"
#include "planning/mapping.h"
#include "sql/list_text.h"
#include "storage/list_scope.h"

namespace matricula::execution {

// A connection's input, checked, as the page to read.
struct BoundPage {
  std::vector<storage::KeyValue> fixed = {};
  std::vector<storage::Condition> conditions = {};
  bool nothing_matches = false;  // a filter list is empty: no row can match
  std::uint16_t order = 0;
  bool descending = false;
  sql::Direction direction = sql::Direction::kForwards;
  std::uint32_t rows = 0;
  std::optional<storage::Position> after = {};
  std::optional<storage::Position> before = {};
};

// Reads `input` (null when absent) of a connection. Errors are kBadUserInput and name the input.
// `filter_values` counts the values of the request's filter lists, over all its connections.
Result<BoundPage> bind_page(const planning::ConnectionRoot& root,
                            const graphql::NamedType& input_type, const graphql::Input* input,
                            const ExecutionLimits& limits, std::size_t& filter_values);

}  // namespace matricula::execution
