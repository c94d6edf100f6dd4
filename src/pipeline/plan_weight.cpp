#include "pipeline/plan_weight.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace matricula::pipeline {

using planning::CommandPlan;
using planning::Plan;
using planning::RootEntry;

namespace {

// What a field of JSON text counts for; such texts have a few hundred bytes or some KiB.
constexpr std::size_t kJsonValues = 20;
constexpr std::size_t kRowsDefault = 50;

// Of a literal that is no variable; 0 where it is no number, and the request will be refused.
std::size_t number_of(std::string_view text) {
  std::size_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// Whether the argument has a field of this name.
bool has_field(const graphql::Argument& argument, const graphql::Variables& variables,
               std::string_view name) {
  if (argument.value.kind == graphql::ValueKind::kVariable) {
    const auto found = variables.find(argument.value.text);
    const graphql::Input* const field =
        found == variables.end() || found->second.is_null() ? nullptr : found->second.field(name);
    return field != nullptr && !field->is_null();
  }
  return std::ranges::any_of(argument.value.fields, [&](const graphql::ObjectField& field) {
    return field.name.value == name;
  });
}

// Whether reading the connection takes more than one index range.
bool is_search_or_count(const RootEntry& entry, const planning::ConnectionPlan& plan,
                        const graphql::Variables& variables, Lists lists) {
  const bool counts = std::ranges::any_of(plan.entries, [](const auto& each) {
    return each.field == planning::ConnectionField::kTotalCount;
  });
  const auto is_given = [&](std::string_view name) {
    return std::ranges::any_of(entry.node->arguments, [&](const graphql::Argument& argument) {
      return has_field(argument, variables, name);
    });
  };
  return lists == Lists::kInMemory ? counts && is_given("query")
                                   : counts || is_given("filter") || is_given("query");
}

// The page size that the argument asks for; 0 where it asks for none.
std::size_t rows_of(const graphql::Argument& argument, const graphql::Variables& variables) {
  constexpr std::array<std::string_view, 2> kSizes{"first", "last"};
  std::size_t rows = 0;
  const auto note = [&](const graphql::Input* size) {
    const auto* number = size == nullptr ? nullptr : std::get_if<std::int32_t>(&size->value);
    rows = std::max(rows, number == nullptr || *number < 0 ? 0 : static_cast<std::size_t>(*number));
  };
  const auto variable = [&](std::string_view name) -> const graphql::Input* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : &found->second;
  };
  if (argument.value.kind == graphql::ValueKind::kVariable) {
    const graphql::Input* const input = variable(argument.value.text);
    for (const std::string_view name : kSizes) {
      note(input == nullptr || input->is_null() ? nullptr : input->field(name));
    }
    return rows;
  }
  for (const graphql::ObjectField& field : argument.value.fields) {
    if (std::ranges::find(kSizes, field.name.value) == kSizes.end()) {
      continue;
    }
    if (field.value.kind == graphql::ValueKind::kVariable) {
      note(variable(field.value.text));
    } else {
      rows = std::max(rows, number_of(field.value.text));
    }
  }
  return rows;
}

std::size_t values_of(const planning::Shape& shape) {
  std::size_t values = 0;
  for (const planning::ShapeField& field : shape.fields) {
    values += field.write == planning::Write::kJson ? kJsonValues : 1;
    values += field.child == nullptr ? 0 : values_of(*field.child);
  }
  return values;
}

// What is written of one row.
std::size_t values_of(const planning::ConnectionPlan& plan) {
  std::size_t values = 0;
  for (const planning::ConnectionEntry& entry : plan.entries) {
    values += entry.edge == nullptr ? 0 : values_of(*entry.edge);
  }
  return values;
}

std::size_t values_of(const RootEntry& entry, const planning::ConnectionPlan& plan,
                      const graphql::Variables& variables) {
  std::size_t rows = 0;
  for (const graphql::Argument& argument : entry.node->arguments) {
    rows = std::max(rows, rows_of(argument, variables));
  }
  return (rows == 0 ? kRowsDefault : rows) * values_of(plan);
}

}  // namespace

bool is_heavy(const Plan& plan, const graphql::Variables& variables, Lists lists) {
  for (const RootEntry& entry : plan.roots) {
    if (std::holds_alternative<CommandPlan>(entry.work) ||
        std::holds_alternative<planning::ObjectPlan>(entry.work) ||
        std::holds_alternative<planning::IntrospectionPlan>(entry.work)) {
      return true;
    }
    const auto* connection = std::get_if<planning::ConnectionPlan>(&entry.work);
    if (connection == nullptr) {
      continue;
    }
    if (is_search_or_count(entry, *connection, variables, lists) ||
        values_of(entry, *connection, variables) > kLightValuesMax) {
      return true;
    }
  }
  return plan.roots.size() > 1;
}

}  // namespace matricula::pipeline
