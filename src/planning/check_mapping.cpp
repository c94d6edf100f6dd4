#include <algorithm>
#include <fmt/format.h>

#include "planning/planner.h"

namespace matricula::planning {
namespace {

using graphql::NamedType;
using graphql::ScalarKind;
using graphql::TypeKind;

bool fits(const graphql::Type& type, sql::ColumnType column) {
  const NamedType& named = type.innermost();
  if (type.nullable().is_list() || named.is_composite()) {
    return column == sql::ColumnType::kJson;
  }
  if (named.kind == TypeKind::kEnum) {
    return column == sql::ColumnType::kText;
  }
  switch (named.scalar) {
    case ScalarKind::kInt:
      return column == sql::ColumnType::kInteger;
    case ScalarKind::kFloat:
      return column == sql::ColumnType::kReal;
    case ScalarKind::kBoolean:
      return column == sql::ColumnType::kBoolean;
    case ScalarKind::kTime:
      return column == sql::ColumnType::kTime;
    case ScalarKind::kString:
    case ScalarKind::kId:
      return column == sql::ColumnType::kText || column == sql::ColumnType::kUuid;
    case ScalarKind::kDuration:
    case ScalarKind::kOther:
      return column == sql::ColumnType::kText;
  }
  return false;
}

Result<void> check_row(const sql::Relation& relation, const NamedType& type) {
  for (const graphql::Field& field : type.fields) {
    const auto column = std::ranges::find(relation.columns, field.name, &sql::Column::name);
    if (column == relation.columns.end()) {
      return fail(ErrorCode::kInternal,
                  fmt::format("{}: no column for {}.{}", relation.name, type.name, field.name));
    }
    if (!fits(*field.type, column->type)) {
      return fail(ErrorCode::kInternal, fmt::format("{}: the column for {}.{} has another type",
                                                    relation.name, type.name, field.name));
    }
  }
  return {};
}

// Whether `path` ("filter.userIds") leads through input objects to a field.
bool has_input(const NamedType& input, std::string_view path) {
  const std::size_t dot = path.find('.');
  const graphql::InputValue* field = input.input_field(path.substr(0, dot));
  if (field == nullptr || dot == std::string_view::npos) {
    return field != nullptr;
  }
  return has_input(field->type->innermost(), path.substr(dot + 1));
}

Result<void> check_connection(const ConnectionRoot& root, const graphql::Field& field) {
  const sql::Relation& relation = root.relation;
  const graphql::Field* edges = field.type->innermost().field("edges");
  const graphql::Field* node = edges == nullptr ? nullptr : edges->type->innermost().field("node");
  const graphql::InputValue* input = field.argument("input");
  if (node == nullptr || input == nullptr) {
    return fail(ErrorCode::kInternal, fmt::format("{} is not a connection", root.field));
  }
  MATRICULA_CHECK(check_row(relation, node->type->innermost()));
  const NamedType& input_type = input->type->innermost();
  for (const sql::Filter& filter : relation.filters) {
    if (!has_input(input_type, filter.name)) {
      return fail(ErrorCode::kInternal,
                  fmt::format("{}: no input for the filter {}", relation.name, filter.name));
    }
  }
  const graphql::InputValue* filters = input_type.input_field("filter");
  if (filters != nullptr) {
    for (const graphql::InputValue& each : filters->type->innermost().input_fields) {
      if (std::ranges::find(relation.filters, fmt::format("filter.{}", each.name),
                            &sql::Filter::name) == relation.filters.end()) {
        return fail(ErrorCode::kInternal,
                    fmt::format("{}: nothing filters by {}", relation.name, each.name));
      }
    }
  }
  const graphql::InputValue* order_by = input_type.input_field("orderBy");
  if (order_by == nullptr) {
    return fail(ErrorCode::kInternal, fmt::format("{} has no orderBy", root.field));
  }
  for (const graphql::EnumValue& value : order_by->type->innermost().enum_values) {
    if (std::ranges::find(relation.orders, value.name, &sql::Order::name) ==
        relation.orders.end()) {
      return fail(ErrorCode::kInternal,
                  fmt::format("{}: nothing orders by {}", relation.name, value.name));
    }
  }
  return {};
}

Result<void> check_object(const ObjectRoot& root, const graphql::Field& field) {
  const NamedType& type = field.type->innermost();
  for (const graphql::Field& member : type.fields) {
    if (member.name == root.company_field) {
      continue;
    }
    const auto list = std::ranges::find(root.lists, member.name, &ListMember::field);
    if (list == root.lists.end()) {
      return fail(ErrorCode::kInternal, fmt::format("no list for {}.{}", type.name, member.name));
    }
    MATRICULA_CHECK(check_row(list->whole, member.type->innermost()));
    if (!std::ranges::equal(list->whole.columns, list->narrowed.columns, {}, &sql::Column::name,
                            &sql::Column::name)) {
      return fail(ErrorCode::kInternal,
                  fmt::format("{}.{}: the two lists differ in columns", type.name, member.name));
    }
  }
  return {};
}

Result<void> check_root(const Mapping& mapping, const graphql::Field& field) {
  const auto root = std::ranges::find(mapping.roots, field.name, root_field);
  if (root == mapping.roots.end()) {
    return fail(ErrorCode::kInternal, fmt::format("nothing answers the field {}", field.name));
  }
  if (const auto* connection = std::get_if<ConnectionRoot>(&*root)) {
    return check_connection(*connection, field);
  }
  if (const auto* object = std::get_if<ObjectRoot>(&*root)) {
    return check_object(*object, field);
  }
  return {};
}

}  // namespace

Result<void> check_mapping(const Mapping& mapping, const graphql::Schema& schema) {
  for (const NamedType* root : {schema.query(), schema.mutation()}) {
    if (root == nullptr) {
      continue;
    }
    for (const graphql::Field& field : root->fields) {
      if (auto checked = check_root(mapping, field); !checked) {
        return fail(ErrorCode::kInternal,
                    "the mapping of the endpoint " + std::string(mapping.name) +
                        " does not fit its schema: " + checked.error().message);
      }
    }
  }
  return {};
}

}  // namespace matricula::planning
