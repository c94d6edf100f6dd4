#include "pipeline/weight.h"

#include <algorithm>

namespace matricula::pipeline {

using execution::ActiveFlags;
using execution::BoundConnection;

namespace {

// What a field of JSON text counts for; such texts have a few hundred bytes or some KiB.
constexpr std::size_t kJsonValues = 20;

bool counts(const BoundConnection& connection, const ActiveFlags& flags) {
  return std::ranges::any_of(connection.plan->entries, [&](const auto& entry) {
    return entry.field == planning::ConnectionField::kTotalCount && flags.holds(entry.when);
  });
}

// Whether it reads rows, and not only counts them.
bool reads_rows(const BoundConnection& connection, const ActiveFlags& flags) {
  return std::ranges::any_of(connection.plan->entries, [&](const auto& entry) {
    return (entry.field == planning::ConnectionField::kEdges ||
            entry.field == planning::ConnectionField::kPageInfo) &&
           flags.holds(entry.when);
  });
}

bool searches(const BoundConnection& connection) {
  const sql::Relation& relation = connection.plan->root->relation;
  return std::ranges::any_of(connection.page.conditions, [&](const auto& condition) {
    return relation.filters[condition.filter].kind == sql::FilterKind::kSearch;
  });
}

bool is_count_kept(const BoundConnection& connection) {
  return storage::histogram_of(connection.plan->root->relation, connection.page.conditions) !=
         nullptr;
}

// Whether reading the connection takes more than one index range.
bool searches_or_counts(const BoundConnection& connection, const ActiveFlags& flags, Lists lists) {
  switch (lists) {
    case Lists::kInMemory:
      return counts(connection, flags) && searches(connection);
    case Lists::kInTables:
      break;
  }
  return (counts(connection, flags) && !is_count_kept(connection)) ||
         (reads_rows(connection, flags) && !connection.page.conditions.empty());
}

std::size_t values_of(const planning::Shape& shape, const ActiveFlags& flags) {
  std::size_t values = 0;
  for (const planning::ShapeField& field : shape.fields) {
    if (flags.holds(field.when)) {
      values += field.write == planning::Write::kJson ? kJsonValues : 1;
      values += field.child == nullptr ? 0 : values_of(*field.child, flags);
    }
  }
  return values;
}

// What is written of one row.
std::size_t values_of(const planning::ConnectionPlan& plan, const ActiveFlags& flags) {
  std::size_t values = 0;
  for (const planning::ConnectionEntry& entry : plan.entries) {
    if (entry.edge != nullptr && flags.holds(entry.when)) {
      values += values_of(*entry.edge, flags);
    }
  }
  return values;
}

std::size_t values_of(const BoundConnection& connection, const ActiveFlags& flags) {
  return connection.page.rows * values_of(*connection.plan, flags);
}

bool writes_much(const BoundConnection& connection, const ActiveFlags& flags) {
  return values_of(connection, flags) > kLightValuesMax;
}

}  // namespace

bool is_heavy(const execution::BoundPlan& bound, Lists lists) {
  if (bound.roots().size() != 1) {
    return bound.roots().size() > 1;
  }
  const auto& work = bound.roots().front().work;
  const auto* connection = std::get_if<BoundConnection>(&work);
  if (connection == nullptr) {
    return !std::holds_alternative<const planning::TypenamePlan*>(work) &&
           !std::holds_alternative<execution::BoundError>(work);
  }
  return !connection->page.nothing_matches &&
         (searches_or_counts(*connection, bound.flags(), lists) ||
          writes_much(*connection, bound.flags()));
}

bool is_small(const execution::BoundPlan& bound) {
  const BoundConnection* const connection = bound.only_connection();
  return !is_heavy(bound, Lists::kInTables) &&
         (connection == nullptr || values_of(*connection, bound.flags()) <= kSmallValuesMax);
}

bool is_light(const execution::BoundPlan& bound, std::string_view company,
              readmodel::ModelLists* model) {
  if (!is_heavy(bound, Lists::kInTables)) {
    return true;
  }
  const BoundConnection* const connection = bound.only_connection();
  return connection != nullptr && model != nullptr && !is_heavy(bound, Lists::kInMemory) &&
         model->is_ready(connection->plan->root->relation, company);
}

bool is_batchable(const execution::BoundPlan& bound, std::string_view company,
                  execution::Executor& executor, readmodel::ModelLists* model) {
  if (is_light(bound, company, model)) {
    return true;
  }
  const BoundConnection* const connection = bound.only_connection();
  return connection != nullptr && !writes_much(*connection, bound.flags()) &&
         executor.is_short(bound, company);
}

}  // namespace matricula::pipeline
