#include "dataapi/row_filter.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/assert.h"
#include "execution/bound_page.h"
#include "graphql/coercion/input.h"
#include "graphql/language/parser.h"
#include "json/value.h"
#include "planning/planner.h"
#include "sql/list_text.h"
#include "storage/people_block.h"

namespace matricula::dataapi {
namespace {

using graphql::Diagnostic;
using graphql::Input;
using sql::FilterKind;
using storage::KeyValue;

std::vector<Diagnostic> refusal_of(std::string message) {
  return {{.code = ErrorCode::kBadUserInput, .message = std::move(message), .locations = {}}};
}

storage::Value stored_value(const KeyValue& value, sql::ColumnType type) {
  if (const auto* const text = std::get_if<std::string>(&value)) {
    return type == sql::ColumnType::kUuid
               ? storage::Value(std::as_bytes(std::span(text->data(), text->size())))
               : storage::Value(std::string_view(*text));
  }
  return std::visit([](const auto& each) { return storage::Value(each); }, value);
}

// Hides the column from the query planner, so that the condition drives no query: rows are always
// read in the order of their keys.
std::string hidden(const sql::Filter& filter, sql::Dialect dialect) {
  return dialect == sql::Dialect::kSqlite ? fmt::format("+{}", filter.expression)
                                          : std::string(filter.expression);
}

// Writes conditions, and numbers their parameters from ?2 on.
class Writer {
 public:
  Writer(sql::Dialect dialect, RowFilter::Values& values, tables::RowCondition& out)
      : dialect_(dialect), values_(values), out_(out) {}

  void add(const sql::Filter& filter, const storage::Condition& condition) {
    out_.text += out_.text.empty() ? "" : " AND ";
    switch (filter.kind) {
      case FilterKind::kAnyOf:
        any_of(filter, condition);
        return;
      case FilterKind::kHalfOpen:
      case FilterKind::kClosed:
        range(filter, condition);
        return;
      case FilterKind::kSearch:
        search(filter, condition);
        return;
    }
  }

 private:
  std::string bind(storage::Bind value) {
    out_.binds.push_back(value);
    return fmt::format("?{}", out_.binds.size() + 1);
  }
  std::string bind(const KeyValue& value, sql::ColumnType type) {
    return std::visit([this](const auto& each) { return bind(storage::Bind(each)); },
                      stored_value(value, type));
  }

  void any_of(const sql::Filter& filter, const storage::Condition& condition) {
    const std::size_t begin = values_.of_lists.size();
    for (const KeyValue& value : condition.any_of) {
      values_.of_lists.push_back(stored_value(value, filter.type));
    }
    const storage::ValueList list{std::span(values_.of_lists).subspan(begin)};
    out_.text += sql::in_list(hidden(filter, dialect_), bind(storage::Bind(list)), dialect_);
  }

  // The key for null is smaller than any time.
  void range(const sql::Filter& filter, const storage::Condition& condition) {
    const auto bound = [&](const std::optional<KeyValue>& end) {
      return end ? bind(*end, filter.type) : std::string();
    };
    const std::string from = condition.from || !filter.null_key
                                 ? bound(condition.from)
                                 : fmt::to_string(sql::kNullTimeKey + 1);
    out_.text += sql::in_range(hidden(filter, dialect_), from, bound(condition.to), filter.kind);
  }

  void search(const sql::Filter& filter, const storage::Condition& condition) {
    std::string& needle = values_.texts.emplace_back();
    storage::append_search_part(condition.search, needle);
    out_.text +=
        sql::contains(filter.searched, bind(storage::Bind(std::string_view(needle))), dialect_);
  }

  const sql::Dialect dialect_;
  RowFilter::Values& values_;
  tables::RowCondition& out_;
};

// The table whose rows a connection lists.
std::optional<records::EntityId> table_of(const sql::Relation& relation) {
  const records::Entity* const found = records::find_entity(relation.name);
  return found != nullptr && tables::has_flat_form(found->id) ? std::optional(found->id)
                                                              : std::nullopt;
}

// The request's values as variables of the types that the input has them in.
tl::expected<Input::Object, std::vector<Diagnostic>> coerce(const graphql::Schema& schema,
                                                            const graphql::NamedType& input,
                                                            json::Value::Object values) {
  std::string text = "query (";
  for (const json::Value::Member& each : values) {
    text +=
        fmt::format("${}: {} ", each.name, input.input_field(each.name)->type->innermost().name);
  }
  text += ") { __typename }";
  const auto document = graphql::parse(text, {});
  MATRICULA_ASSERT(document.has_value());
  const auto operation = planning::find_operation(**document, {});
  MATRICULA_ASSERT(operation.has_value());
  auto variables =
      graphql::coerce_variables(schema, **document, **operation, json::Value{std::move(values)});
  if (!variables) {
    return tl::unexpected(std::move(variables.error()));
  }
  Input::Object members;
  for (auto& [name, value] : *variables) {
    members.emplace_back(input.input_field(name)->name, std::move(value));
  }
  return members;
}

}  // namespace

tables::RowCondition RowFilter::condition(sql::Dialect dialect, Values& values) const {
  tables::RowCondition out;
  if (nothing_matches_) {
    out.text = "1 = 0";
    return out;
  }
  std::size_t listed = 0;
  for (const storage::Condition& each : conditions_) {
    listed += each.any_of.size();
  }
  // What is bound must not move.
  values.of_lists.reserve(listed);
  values.texts.reserve(conditions_.size());
  Writer writer(dialect, values, out);
  for (const storage::Condition& each : conditions_) {
    writer.add(relation_.filters[each.filter], each);
  }
  if (out.text.empty()) {
    out.text = "1 = 1";
  }
  return out;
}

RowFilters::RowFilters(std::span<const Endpoint> endpoints,
                       const execution::ExecutionLimits& limits)
    : limits_(limits) {
  for (const Endpoint& endpoint : endpoints) {
    for (const planning::Root& root : endpoint.mapping.roots) {
      const auto* const connection = std::get_if<planning::ConnectionRoot>(&root);
      const auto table = connection == nullptr ? std::nullopt : table_of(connection->relation);
      if (!table) {
        continue;
      }
      Source& source = sources_[static_cast<std::size_t>(*table)];
      const graphql::Field* const field = endpoint.schema.query()->field(connection->field);
      MATRICULA_ASSERT(field != nullptr && field->argument("input") != nullptr);
      source.schema = &endpoint.schema;
      source.input = &field->argument("input")->type->innermost();
      source.root = *connection;
      // A table shows the rows of all parents.
      source.root->relation.fixed.clear();
      source.has_search = source.input->input_field("query") != nullptr;
    }
  }
}

RowFilters::Outcome RowFilters::read(records::EntityId table,
                                     std::optional<std::string_view> filter,
                                     std::optional<std::string_view> query) const {
  const Source& source = sources_[static_cast<std::size_t>(table)];
  if (filter && !source.root) {
    return tl::unexpected(refusal_of(
        "filter is for program_progress, assessment_progress and learning_plan_progress."));
  }
  if (query && !source.has_search) {
    return tl::unexpected(refusal_of("query is for program_progress."));
  }
  if ((filter && filter->empty()) || (query && query->empty())) {
    return tl::unexpected(refusal_of(fmt::format("{} is empty; leave it out to have all rows.",
                                                 filter && filter->empty() ? "filter" : "query")));
  }
  json::Value::Object values;
  if (filter) {
    auto value = json::read(*filter);
    if (!value) {
      return tl::unexpected(refusal_of("filter is not JSON: " + value.error().message));
    }
    values.emplace_back("filter", std::move(*value));
  }
  if (query) {
    values.emplace_back("query", json::Value{std::string(*query)});
  }
  auto members = coerce(*source.schema, *source.input, std::move(values));
  if (!members) {
    return tl::unexpected(std::move(members.error()));
  }
  const Input input{std::move(*members)};
  std::size_t filter_values = 0;
  auto page = execution::bind_page(*source.root, *source.input, &input, limits_, filter_values);
  if (!page) {
    return tl::unexpected(refusal_of(page.error().message));
  }
  return std::make_shared<const RowFilter>(
      source.root->relation, std::move(page->conditions), page->nothing_matches,
      fmt::format("filter {} query {}", filter.value_or(""), query.value_or("")));
}

}  // namespace matricula::dataapi
