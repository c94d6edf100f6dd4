#include "planning/collect.h"

#include <algorithm>

#include "base/assert.h"

namespace matricula::planning {

using graphql::Definition;
using graphql::DefinitionKind;
using graphql::Directive;
using graphql::NamedType;
using graphql::Selection;
using graphql::SelectionKind;
using graphql::SelectionSet;

struct Collector::Visit {
  struct Place {
    std::size_t key;
    FlagId flag;
  };
  const NamedType* type = nullptr;
  std::vector<Key> keys;
  std::map<std::string_view, std::size_t> by_name;
  std::vector<Place> places;  // in document order
  std::set<std::pair<std::string_view, FlagId>> fragments;
  NullableConditions conditions;
};

Collector::Collector(const graphql::Schema& schema, const graphql::Document& document,
                     const Definition& operation)
    : schema_(schema), document_(document) {
  for (const graphql::VariableDefinition& variable : operation.variables) {
    if (!variable.type.non_null) {
      nullable_.insert(variable.variable.value);
    }
  }
}

FlagId Collector::intern(FlagId parent, std::string_view variable, bool expected) {
  const auto key = std::tuple(parent, variable, expected);
  if (const auto found = interned_.find(key); found != interned_.end()) {
    return found->second;
  }
  flags_.push_back({.parent = parent, .variable = std::string(variable), .expected = expected});
  const auto id = static_cast<FlagId>(flags_.size());
  interned_.emplace(key, id);
  return id;
}

std::optional<FlagId> Collector::flag_of(std::span<const Directive> directives, FlagId parent,
                                         NullableConditions& conditions) {
  FlagId flag = parent;
  // @skip is looked at first, as graphql-js does; neither may be repeated.
  for (const bool skip : {true, false}) {
    const std::string_view name = skip ? "skip" : "include";
    const auto directive =
        std::ranges::find(directives, name, [](const Directive& each) { return each.name.value; });
    if (directive == directives.end()) {
      continue;
    }
    MATRICULA_ASSERT(directive->arguments.size() == 1);
    const graphql::Value& value = directive->arguments.front().value;
    if (value.kind == graphql::ValueKind::kVariable) {
      flag = intern(flag, value.text, !skip);
      if (nullable_.contains(value.text)) {
        conditions.push_back({.flag = flag, .offset = value.offset});
      }
    } else if ((value.text == "true") == skip) {
      return std::nullopt;
    }
  }
  return flag;
}

bool Collector::applies(std::string_view type_condition, const NamedType& type) const {
  if (type_condition.empty() || type_condition == type.name) {
    return true;
  }
  const NamedType* condition = schema_.type(type_condition);
  return condition != nullptr &&
         std::ranges::find(condition->possible_types, &type) != condition->possible_types.end();
}

const Definition* Collector::fragment(std::string_view name) const {
  for (const Definition& definition : document_.definitions()) {
    if (definition.kind == DefinitionKind::kFragment && definition.name.value == name) {
      return &definition;
    }
  }
  return nullptr;
}

Result<void> Collector::visit(Visit& state, const SelectionSet& set, FlagId parent) {
  for (const Selection& selection : set.selections) {
    if (++expansions_ > kExpansionsMax || flags_.size() >= UINT16_MAX) {
      return fail(ErrorCode::kLimitExceeded,
                  "Selections of the document expand to more than " +
                      std::to_string(kExpansionsMax) +
                      " fields and fragments, the limit \"selections\" of this server.");
    }
    const std::optional<FlagId> flag = flag_of(selection.directives, parent, state.conditions);
    if (!flag) {
      continue;
    }
    if (selection.kind == SelectionKind::kField) {
      const auto [found, inserted] =
          state.by_name.try_emplace(selection.response_key(), state.keys.size());
      if (inserted) {
        state.keys.push_back(
            {.name = selection.response_key(), .nodes = {}, .sets = {}, .flags = {}});
      }
      Key& key = state.keys[found->second];
      key.nodes.push_back({&selection, *flag});
      if (selection.selection_set != nullptr) {
        key.sets.push_back({selection.selection_set, *flag});
      }
      state.places.push_back({found->second, *flag});
      continue;
    }
    const SelectionSet* inner = selection.selection_set;
    std::string_view condition = selection.type_condition.value;
    if (selection.kind == SelectionKind::kFragmentSpread) {
      // Visited under the same flag, or under none, it adds nothing.
      if (state.fragments.contains({selection.name.value, kAlways}) ||
          !state.fragments.emplace(selection.name.value, *flag).second) {
        continue;
      }
      const Definition* definition = fragment(selection.name.value);
      MATRICULA_ASSERT(definition != nullptr);
      inner = definition->selection_set;
      condition = definition->type_condition.value;
    }
    if (applies(condition, *state.type)) {
      MATRICULA_CHECK(visit(state, *inner, *flag));
    }
  }
  return {};
}

Result<Collected> Collector::collect(const NamedType& type, const std::vector<FlaggedSet>& sets) {
  Visit state;
  state.type = &type;
  for (const FlaggedSet& set : sets) {
    MATRICULA_CHECK(visit(state, *set.set, set.flag));
  }
  std::vector<CollectedField> fields;
  for (const Visit::Place& place : state.places) {
    Key& key = state.keys[place.key];
    if (std::ranges::find(key.flags, kAlways) != key.flags.end() ||
        std::ranges::find(key.flags, place.flag) != key.flags.end()) {
      continue;
    }
    fields.push_back({.when = {.flag = place.flag, .unless = key.flags},
                      .key = key.name,
                      .node = key.nodes.front().node,
                      .nodes = key.nodes,
                      .sets = key.sets});
    key.flags.push_back(place.flag);
  }
  has_nullable_conditions_ |= !state.conditions.empty();
  return Collected{.fields = std::move(fields), .conditions = std::move(state.conditions)};
}

}  // namespace matricula::planning
