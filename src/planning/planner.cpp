#include "planning/planner.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/assert.h"
#include "base/escape.h"
#include "planning/collect.h"

namespace matricula::planning {
namespace {

using graphql::Definition;
using graphql::DefinitionKind;
using graphql::NamedType;

std::string prefix_of(std::string_view key) {
  return json_string(key) + ':';
}

Write write_of(sql::ColumnType type) {
  switch (type) {
    case sql::ColumnType::kText:
      return Write::kText;
    case sql::ColumnType::kInteger:
      return Write::kInteger;
    case sql::ColumnType::kReal:
      return Write::kReal;
    case sql::ColumnType::kBoolean:
      return Write::kBoolean;
    case sql::ColumnType::kTime:
      return Write::kTime;
    case sql::ColumnType::kUuid:
      return Write::kUuid;
    case sql::ColumnType::kJson:
      return Write::kJson;
  }
  MATRICULA_ASSERT(false);
  return Write::kText;
}

// Adds a column of the relation to those that a statement reads, once.
std::uint16_t place_of(std::vector<std::uint16_t>& columns, std::uint16_t column) {
  const auto found = std::ranges::find(columns, column);
  if (found != columns.end()) {
    return static_cast<std::uint16_t>(found - columns.begin());
  }
  columns.push_back(column);
  return static_cast<std::uint16_t>(columns.size() - 1);
}

std::uint16_t column_named(const sql::Relation& relation, std::string_view name) {
  for (std::size_t i = 0; i < relation.columns.size(); ++i) {
    if (relation.columns[i].name == name) {
      return static_cast<std::uint16_t>(i);
    }
  }
  MATRICULA_ASSERT(false && "check_mapping() finds a column for every field");
  return 0;
}

class Planner {
 public:
  Planner(const graphql::ValidDocument& valid, const Definition& operation, const Mapping& mapping)
      : schema_(valid.schema()),
        collector_(valid.schema(), valid.document(), operation),
        mapping_(mapping) {}

  Result<void> plan(const Definition& operation, Plan& plan) {
    const NamedType* type = schema_.root(operation.operation);
    MATRICULA_ASSERT(type != nullptr);
    MATRICULA_TRY(Collected collected,
                  collector_.collect(*type, {{operation.selection_set, kAlways}}));
    for (CollectedField& field : collected.fields) {
      MATRICULA_TRY(RootEntry entry, root(*type, field));
      plan.roots.push_back(std::move(entry));
    }
    plan.conditions = std::move(collected.conditions);
    plan.has_nullable_conditions = collector_.has_nullable_conditions();
    plan.flags = collector_.take_flags();
    return {};
  }

 private:
  Result<RootEntry> root(const NamedType& type, CollectedField& field) {
    RootEntry entry{.prefix = prefix_of(field.key),
                    .key = std::string(field.key),
                    .when = std::move(field.when),
                    .places = field.nodes,
                    .definition = schema_.field(type, field.node->name.value),
                    .work = TypenamePlan{json_string(type.name)}};
    const std::string_view name = field.node->name.value;
    if (name == "__typename") {
      return entry;
    }
    if (name == "__schema" || name == "__type") {
      entry.work = IntrospectionPlan{};
      return entry;
    }
    MATRICULA_ASSERT(entry.definition != nullptr);
    const NamedType& target = entry.definition->type->innermost();
    for (const Root& candidate : mapping_.roots) {
      if (root_field(candidate) != name) {
        continue;
      }
      if (const auto* connection = std::get_if<ConnectionRoot>(&candidate)) {
        MATRICULA_TRY(entry.work, connection_plan(*connection, target, field.sets));
      } else if (const auto* object = std::get_if<ObjectRoot>(&candidate)) {
        MATRICULA_TRY(entry.work, object_plan(*object, target, field.sets));
      } else {
        CommandPlan command{.root = &std::get<CommandRoot>(candidate), .shape = nullptr};
        if (target.is_composite()) {
          MATRICULA_TRY(command.shape, json_shape(target, field.sets));
        }
        entry.work = std::move(command);
      }
      return entry;
    }
    MATRICULA_ASSERT(false && "check_mapping() finds a mapping for every root field");
    return entry;
  }

  Result<ConnectionPlan> connection_plan(const ConnectionRoot& root, const NamedType& type,
                                         const std::vector<FlaggedSet>& sets) {
    MATRICULA_TRY(Collected collected, collector_.collect(type, sets));
    ConnectionPlan plan{
        .root = &root, .columns = {}, .entries = {}, .conditions = std::move(collected.conditions)};
    for (CollectedField& field : collected.fields) {
      ConnectionEntry entry{.prefix = prefix_of(field.key), .when = std::move(field.when)};
      const std::string_view name = field.node->name.value;
      const graphql::Field* definition = schema_.field(type, name);
      if (name == "totalCount") {
        entry.field = ConnectionField::kTotalCount;
      } else if (name == "pageInfo") {
        entry.field = ConnectionField::kPageInfo;
        MATRICULA_CHECK(page_info(definition->type->innermost(), field.sets, entry));
        entry.typename_json = json_string(definition->type->innermost().name);
      } else if (name == "edges") {
        entry.field = ConnectionField::kEdges;
        MATRICULA_TRY(entry.edge, edge_shape(root.relation, definition->type->innermost(),
                                             field.sets, plan.columns));
      } else {
        entry.typename_json = json_string(type.name);
      }
      plan.entries.push_back(std::move(entry));
    }
    return plan;
  }

  Result<void> page_info(const NamedType& type, const std::vector<FlaggedSet>& sets,
                         ConnectionEntry& entry) {
    MATRICULA_TRY(Collected collected, collector_.collect(type, sets));
    entry.conditions = std::move(collected.conditions);
    for (CollectedField& field : collected.fields) {
      const std::string_view name = field.node->name.value;
      const PageInfoField which = name == "hasNextPage"       ? PageInfoField::kHasNextPage
                                  : name == "hasPreviousPage" ? PageInfoField::kHasPreviousPage
                                  : name == "startCursor"     ? PageInfoField::kStartCursor
                                  : name == "endCursor"       ? PageInfoField::kEndCursor
                                                              : PageInfoField::kTypename;
      entry.page_info.push_back(
          {.prefix = prefix_of(field.key), .when = std::move(field.when), .field = which});
    }
    return {};
  }

  Result<std::shared_ptr<const Shape>> edge_shape(const sql::Relation& relation,
                                                  const NamedType& type,
                                                  const std::vector<FlaggedSet>& sets,
                                                  std::vector<std::uint16_t>& columns) {
    return shape(type, sets, [&](const CollectedField& field, ShapeField& out) -> Result<void> {
      if (out.name == "cursor") {
        out.write = Write::kCursor;
      } else if (out.name == "node") {
        out.write = Write::kNode;
        MATRICULA_TRY(out.child, row_shape(relation, out.type->innermost(), field.sets, columns));
      }
      return {};
    });
  }

  // An object whose fields are columns of one row.
  Result<std::shared_ptr<const Shape>> row_shape(const sql::Relation& relation,
                                                 const NamedType& type,
                                                 const std::vector<FlaggedSet>& sets,
                                                 std::vector<std::uint16_t>& columns) {
    return shape(type, sets, [&](const CollectedField& field, ShapeField& out) -> Result<void> {
      const std::uint16_t column = column_named(relation, out.name);
      out.write = write_of(relation.columns[column].type);
      out.column = place_of(columns, column);
      return json_child(field, out);
    });
  }

  // An object whose fields are members of a JSON object.
  Result<std::shared_ptr<const Shape>> json_shape(const NamedType& type,
                                                  const std::vector<FlaggedSet>& sets) {
    return shape(type, sets, [&](const CollectedField& field, ShapeField& out) -> Result<void> {
      out.write = Write::kJson;
      return json_child(field, out);
    });
  }

  // A column or member whose type has fields of its own holds JSON.
  Result<void> json_child(const CollectedField& field, ShapeField& out) {
    if (out.type->innermost().is_composite()) {
      MATRICULA_TRY(out.child, json_shape(out.type->innermost(), field.sets));
    }
    return {};
  }

  // The fields that are chosen of a type; `complete` says of each but __typename how its value is
  // written.
  template <typename Complete>
  Result<std::shared_ptr<const Shape>> shape(const NamedType& type,
                                             const std::vector<FlaggedSet>& sets,
                                             const Complete& complete) {
    auto made = std::make_shared<Shape>();
    made->typename_json = json_string(type.name);
    MATRICULA_TRY(Collected collected, collector_.collect(type, sets));
    made->conditions = std::move(collected.conditions);
    for (CollectedField& field : collected.fields) {
      const graphql::Field* definition = schema_.field(type, field.node->name.value);
      ShapeField out{.prefix = prefix_of(field.key), .when = std::move(field.when)};
      out.name = definition->name;
      out.type = definition->type;
      if (out.name == "__typename") {
        out.write = Write::kTypename;
      } else {
        MATRICULA_CHECK(complete(field, out));
      }
      made->fields.push_back(std::move(out));
    }
    return made;
  }

  Result<ObjectPlan> object_plan(const ObjectRoot& root, const NamedType& type,
                                 const std::vector<FlaggedSet>& sets) {
    MATRICULA_TRY(Collected collected, collector_.collect(type, sets));
    ObjectPlan plan{.root = &root, .entries = {}, .conditions = std::move(collected.conditions)};
    for (CollectedField& field : collected.fields) {
      ObjectEntry entry{.prefix = prefix_of(field.key), .when = std::move(field.when)};
      const std::string_view name = field.node->name.value;
      entry.company = name == root.company_field;
      const auto list = std::ranges::find(root.lists, name, &ListMember::field);
      if (list != root.lists.end()) {
        entry.list = &*list;
        MATRICULA_TRY(entry.shape,
                      row_shape(list->whole, schema_.field(type, name)->type->innermost(),
                                field.sets, entry.columns));
      } else if (!entry.company) {
        entry.typename_json = json_string(type.name);
      }
      plan.entries.push_back(std::move(entry));
    }
    return plan;
  }

  const graphql::Schema& schema_;
  Collector collector_;
  const Mapping& mapping_;
};

}  // namespace

// GetOperation (GraphQL, section 6.1).
Result<const Definition*> find_operation(const graphql::Document& document, std::string_view name) {
  const Definition* found = nullptr;
  for (const Definition& definition : document.definitions()) {
    if (definition.kind != DefinitionKind::kOperation) {
      continue;
    }
    if (name.empty()) {
      if (found != nullptr) {
        return fail(ErrorCode::kBadUserInput,
                    "Must provide operation name if query contains multiple operations.");
      }
      found = &definition;
    } else if (definition.name.value == name) {
      return &definition;
    }
  }
  if (found == nullptr) {
    return fail(ErrorCode::kBadUserInput,
                name.empty() ? "Must provide an operation."
                             : fmt::format("Unknown operation named \"{}\".", name));
  }
  return found;
}

std::string_view root_field(const Root& root) {
  return std::visit([](const auto& each) { return each.field; }, root);
}

Result<std::shared_ptr<const Plan>> make_plan(const graphql::ValidDocument& valid,
                                              std::string_view operation_name,
                                              const Mapping& mapping) {
  MATRICULA_TRY(const Definition* operation, find_operation(valid.document(), operation_name));
  auto plan = std::make_shared<Plan>();
  plan->document = valid.shared_document();
  plan->schema = valid.shared_schema();
  plan->operation = operation;
  MATRICULA_CHECK(Planner(valid, *operation, mapping).plan(*operation, *plan));
  // A shape field is some 150 bytes and comes from at least two of source; the factor errs upwards.
  plan->bytes = sizeof(Plan) + plan->document->bytes() + valid.document().source().size() * 64;
  return plan;
}

}  // namespace matricula::planning
