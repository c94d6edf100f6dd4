#include "planning/plan_text.h"

#include <fmt/format.h>

namespace matricula::planning {
namespace {

std::string_view name_of(Write write) {
  switch (write) {
    case Write::kTypename:
      return "typename";
    case Write::kText:
      return "text";
    case Write::kInteger:
      return "integer";
    case Write::kReal:
      return "real";
    case Write::kBoolean:
      return "boolean";
    case Write::kTime:
      return "time";
    case Write::kUuid:
      return "uuid";
    case Write::kJson:
      return "json";
    case Write::kCursor:
      return "cursor";
    case Write::kNode:
      return "node";
  }
  return "";
}

std::string_view name_of(PageInfoField field) {
  switch (field) {
    case PageInfoField::kTypename:
      return "typename";
    case PageInfoField::kHasNextPage:
      return "hasNextPage";
    case PageInfoField::kHasPreviousPage:
      return "hasPreviousPage";
    case PageInfoField::kStartCursor:
      return "startCursor";
    case PageInfoField::kEndCursor:
      return "endCursor";
  }
  return "";
}

std::string_view name_of(ConnectionField field) {
  switch (field) {
    case ConnectionField::kTypename:
      return "typename";
    case ConnectionField::kTotalCount:
      return "totalCount";
    case ConnectionField::kPageInfo:
      return "pageInfo";
    case ConnectionField::kEdges:
      return "edges";
  }
  return "";
}

// ` if flag 2 unless flag 1`; empty for what is always written.
std::string when_text(const Activation& when) {
  std::string text = when.flag == kAlways ? "" : fmt::format(" if flag {}", when.flag);
  for (const FlagId flag : when.unless) {
    text += fmt::format(" unless flag {}", flag);
  }
  return text;
}

class PlanPrinter {
 public:
  std::string print(const Plan& plan) {
    for (std::size_t i = 0; i < plan.flags.size(); ++i) {
      const Flag& flag = plan.flags[i];
      line(0, fmt::format("flag {}: {}${}{}", i + 1, flag.expected ? "" : "not ", flag.variable,
                          flag.parent == kAlways ? "" : fmt::format(" and flag {}", flag.parent)));
    }
    conditions(0, plan.conditions);
    for (const RootEntry& root : plan.roots) {
      print(root);
    }
    return std::move(text_);
  }

 private:
  void line(std::size_t depth, const std::string& text) {
    text_.append(2 * depth, ' ');
    text_ += text;
    text_ += '\n';
  }
  // The flags whose variables must not be null where the object is written.
  void conditions(std::size_t depth, const NullableConditions& conditions) {
    std::string text;
    for (const NullableCondition& condition : conditions) {
      text += fmt::format(" flag {}", condition.flag);
    }
    if (!text.empty()) {
      line(depth, "not null:" + text);
    }
  }
  // The columns of a relation that a statement selects.
  void columns(std::size_t depth, const sql::Relation& relation,
               const std::vector<std::uint16_t>& chosen) {
    std::string names;
    for (const std::uint16_t column : chosen) {
      names += fmt::format(" {}", relation.columns[column].name);
    }
    line(depth, fmt::format("columns of {}:{}", relation.name, names));
  }

  void print(const RootEntry& root) {
    const auto head = [&](std::string_view kind) {
      line(0, fmt::format("{} {}{}", root.prefix, kind, when_text(root.when)));
    };
    if (const auto* connection = std::get_if<ConnectionPlan>(&root.work)) {
      head("connection");
      print(*connection);
    } else if (const auto* object = std::get_if<ObjectPlan>(&root.work)) {
      head("object");
      print(*object);
    } else if (const auto* command = std::get_if<CommandPlan>(&root.work)) {
      head(fmt::format("command {}", command->root->command));
      if (command->shape != nullptr) {
        print(1, *command->shape, true);
      }
    } else if (const auto* type = std::get_if<TypenamePlan>(&root.work)) {
      head(type->json);
    } else {
      std::string text = fmt::format("introspection of {} selections", root.places.size());
      for (const FlaggedNode& place : root.places) {
        text += place.flag == kAlways ? "" : fmt::format(", one if flag {}", place.flag);
      }
      head(text);
    }
  }

  void print(const ConnectionPlan& plan) {
    columns(1, plan.root->relation, plan.columns);
    conditions(1, plan.conditions);
    for (const ConnectionEntry& entry : plan.entries) {
      line(1, fmt::format("{} {}{}", entry.prefix, name_of(entry.field), when_text(entry.when)));
      conditions(2, entry.conditions);
      for (const PageInfoEntry& field : entry.page_info) {
        line(2, fmt::format("{} {}{}", field.prefix, name_of(field.field), when_text(field.when)));
      }
      if (entry.edge != nullptr) {
        print(2, *entry.edge);
      }
    }
  }

  void print(const ObjectPlan& plan) {
    conditions(1, plan.conditions);
    for (const ObjectEntry& entry : plan.entries) {
      const std::string_view kind = entry.list != nullptr ? "list"
                                    : entry.company       ? "company"
                                                          : "typename";
      line(1, fmt::format("{} {}{}", entry.prefix, kind, when_text(entry.when)));
      if (entry.list != nullptr) {
        columns(2, entry.list->whole, entry.columns);
        print(2, *entry.shape);
      }
    }
  }

  // The fields of a row, or, `in_json`, of an object in a column of JSON.
  void print(std::size_t depth, const Shape& shape, bool in_json = false) {
    conditions(depth, shape.conditions);
    for (const ShapeField& field : shape.fields) {
      const bool has_column = field.write != Write::kTypename && field.write != Write::kCursor &&
                              field.write != Write::kNode;
      const std::string from = !has_column ? ""
                               : in_json   ? fmt::format(" of member {}", field.name)
                                           : fmt::format(" of column {}", field.column);
      line(depth, fmt::format("{} {}{}{}", field.prefix, name_of(field.write), from,
                              when_text(field.when)));
      if (field.child != nullptr) {
        print(depth + 1, *field.child, in_json || field.write == Write::kJson);
      }
    }
  }

  std::string text_;
};

}  // namespace

std::string plan_text(const Plan& plan) {
  return PlanPrinter().print(plan);
}

}  // namespace matricula::planning
