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
  for (const Selection* parent : selection.parents) {
    MATRICULA_ASSERT(parent->selection_set != nullptr);
    if (!collect_set(*parent->selection_set, visit)) {
      break;
    }
  }
  return !failed();
}

bool MetaCollector::collect_set(const SelectionSet& set, Visit& visit) {
  for (const Selection& selection : set.selections) {
    if (!spend(1)) {
      return false;
    }
    auto included = is_included(selection);
    if (!included) {
      visit.selection.refused = std::move(included.error());
      return false;
    }
    if (!*included) {
      continue;
    }
    bool collected = true;
    switch (selection.kind) {
      case SelectionKind::kField:
        collect_field(selection, visit);
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

void MetaCollector::collect_field(const Selection& field, Visit& visit) const {
  auto& fields = visit.selection.fields;
  const std::string_view key = field.response_key();
  auto found = std::find_if(fields.begin(), fields.end(),
                            [&](const MetaField& known) { return known.response_key == key; });
  if (found == fields.end()) {
    found = fields.insert(fields.end(), MetaField{.response_key = key, .name = field.name.value});
    // Fields that merge have the same arguments, so the first one speaks for all.
    for (const Argument& argument : field.arguments) {
      auto value = boolean_argument(argument, fmt::format("{}.{}({}:)", visit.type_name,
                                                          field.name.value, argument.name.value));
      if (value) {
        found->include_deprecated = *value;
      } else {
        found->refused = std::move(value.error());
      }
    }
  }
  if (field.selection_set != nullptr) {
    found->selection.parents.push_back(&field);
  }
}

tl::expected<bool, Diagnostic> MetaCollector::is_included(const Selection& selection) const {
  bool included = true;
  // @skip is looked at first, as graphql-js does.
  for (const std::string_view name : {"skip", "include"}) {
    for (const Directive& directive : selection.directives) {
      if (directive.name.value != name || !included) {
        continue;
      }
      const auto value = boolean_argument(directive.arguments[0], fmt::format("@{}(if:)", name));
      if (!value) {
        return value;
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

tl::expected<bool, Diagnostic> MetaCollector::boolean_argument(const Argument& argument,
                                                               std::string_view coordinate) const {
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
    return tl::unexpected(null_error(value, coordinate, "Boolean!"));
  }
  return *boolean;
}

tl::expected<std::string_view, Diagnostic> MetaCollector::string_argument(
    const Argument& argument, std::string_view coordinate) const {
  if (argument.value.kind != ValueKind::kVariable) {
    return argument.value.text;
  }
  const Input* const input = variable(argument.value);
  const auto* const text = input == nullptr ? nullptr : std::get_if<std::string>(&input->value);
  if (text == nullptr) {
    return tl::unexpected(null_error(argument.value, coordinate, "String!"));
  }
  return *text;
}

Diagnostic MetaCollector::null_error(const Value& variable, std::string_view coordinate,
                                     std::string_view type) const {
  return {.code = ErrorCode::kBadUserInput,
          .message = fmt::format("Argument \"{}\" has invalid value: Expected variable \"${}\" "
                                 "provided to non-null type \"{}\" not to be null.",
                                 coordinate, variable.text, type),
          .locations = {location_at(document_.source(), variable.offset)}};
}

}  // namespace matricula::graphql
