#include "graphql/introspection/meta_selection.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "base/assert.h"

namespace matricula::graphql {

MetaSelection::MetaSelection() = default;
MetaSelection::MetaSelection(std::vector<const Selection*> merged) : parents(std::move(merged)) {}
MetaSelection::MetaSelection(MetaSelection&&) noexcept = default;
MetaSelection& MetaSelection::operator=(MetaSelection&&) noexcept = default;
MetaSelection::~MetaSelection() = default;

MetaCollector::MetaCollector(const Document& document, const Variables& variables,
                             std::size_t steps)
    : document_(document), variables_(variables), steps_(steps), steps_left_(steps) {
  for (const Definition& definition : document.definitions()) {
    if (definition.kind == DefinitionKind::kFragment) {
      fragments_.emplace(definition.name.value, &definition);
    }
  }
}

void MetaCollector::fail(Diagnostic error) {
  if (!failed()) {
    error_ = std::move(error);
  }
}

bool MetaCollector::spend(std::size_t steps) {
  if (steps > steps_left_) {
    steps_left_ = 0;
    fail({.code = ErrorCode::kLimitExceeded,
          .message = fmt::format("Introspection answers more than {} bytes, the limit "
                                 "\"introspection_bytes\" of this server.",
                                 steps_),
          .locations = {}});
    return false;
  }
  steps_left_ -= steps;
  return !failed();
}

bool MetaCollector::collect(MetaSelection& selection, std::string_view type_name) {
  if (std::exchange(selection.collected, true)) {
    return !failed();
  }
  Visit visit{.selection = selection, .type_name = type_name, .fragments = {}};
  return std::all_of(selection.parents.begin(), selection.parents.end(),
                     [&](const Selection* parent) {
                       MATRICULA_ASSERT(parent->selection_set != nullptr);
                       return collect_set(*parent->selection_set, visit);
                     });
}

bool MetaCollector::collect_set(const SelectionSet& set, Visit& visit) {
  for (const Selection& selection : set.selections) {
    const std::optional<bool> included = spend(1) ? is_included(selection) : std::optional<bool>();
    if (!included) {
      return false;
    }
    if (!*included) {
      continue;
    }
    bool collected = true;
    switch (selection.kind) {
      case SelectionKind::kField:
        collected = collect_field(selection, visit);
        break;
      case SelectionKind::kFragmentSpread:
        collected = collect_spread(selection, visit);
        break;
      case SelectionKind::kInlineFragment:
        collected = collect_set(*selection.selection_set, visit);
        break;
    }
    if (!collected) {
      return false;
    }
  }
  return true;
}

bool MetaCollector::collect_spread(const Selection& spread, Visit& visit) {
  const auto fragment = fragments_.find(spread.name.value);
  MATRICULA_ASSERT(fragment != fragments_.end());
  // A fragment counts once in a selection, however often it is spread.
  return !visit.fragments.insert(fragment->second).second ||
         collect_set(*fragment->second->selection_set, visit);
}

bool MetaCollector::collect_field(const Selection& field, Visit& visit) {
  auto& fields = visit.selection.fields;
  const std::string_view key = field.response_key();
  auto found = std::find_if(fields.begin(), fields.end(),
                            [&](const MetaField& known) { return known.response_key == key; });
  if (found == fields.end()) {
    found = fields.insert(fields.end(), MetaField{.response_key = key, .name = field.name.value});
    // Fields that merge have the same arguments, so the first one speaks for all.
    for (const Argument& argument : field.arguments) {
      const auto value = boolean_argument(
          argument,
          fmt::format("{}.{}({}:)", visit.type_name, field.name.value, argument.name.value));
      if (!value) {
        return false;
      }
      found->include_deprecated = *value;
    }
  }
  if (field.selection_set != nullptr) {
    found->selection.parents.push_back(&field);
  }
  return true;
}

std::optional<bool> MetaCollector::is_included(const Selection& selection) {
  bool included = true;
  // @skip is looked at first, as graphql-js does.
  for (const std::string_view name : {"skip", "include"}) {
    for (const Directive& directive : selection.directives) {
      if (directive.name.value != name || !included) {
        continue;
      }
      const auto value = boolean_argument(directive.arguments[0], fmt::format("@{}(if:)", name));
      if (!value) {
        return std::nullopt;
      }
      included = *value == (name == "include");
    }
  }
  return included;
}

const Input* MetaCollector::variable(const Value& value) const {
  const auto found = variables_.find(value.text);
  return found == variables_.end() ? nullptr : &found->second;
}

std::optional<bool> MetaCollector::boolean_argument(const Argument& argument,
                                                    std::string_view coordinate) {
  const Value& value = argument.value;
  if (value.kind != ValueKind::kVariable) {
    return value.text == "true";
  }
  const Input* const input = variable(value);
  if (input == nullptr) {
    // Only includeDeprecated may be left out, and is false by default.
    return false;
  }
  const bool* const boolean = std::get_if<bool>(&input->value);
  if (boolean == nullptr) {
    fail_null(value, coordinate, "Boolean!");
    return std::nullopt;
  }
  return *boolean;
}

std::optional<std::string_view> MetaCollector::string_argument(const Argument& argument,
                                                               std::string_view coordinate) {
  if (argument.value.kind != ValueKind::kVariable) {
    return argument.value.text;
  }
  const Input* const input = variable(argument.value);
  const auto* const text = input == nullptr ? nullptr : std::get_if<std::string>(&input->value);
  if (text == nullptr) {
    fail_null(argument.value, coordinate, "String!");
    return std::nullopt;
  }
  return *text;
}

void MetaCollector::fail_null(const Value& variable, std::string_view coordinate,
                              std::string_view type) {
  fail({.code = ErrorCode::kBadUserInput,
        .message = fmt::format("Argument \"{}\" has invalid value: Expected variable \"${}\" "
                               "provided to non-null type \"{}\" not to be null.",
                               coordinate, variable.text, type),
        .locations = {location_at(document_.source(), variable.offset)}});
}

}  // namespace matricula::graphql
