#include <algorithm>
#include <fmt/format.h>

#include "graphql/coercion/suggestions.h"
#include "graphql/validation/rules/rules.h"
#include "graphql/validation/type_relations.h"

namespace matricula::graphql::rules {

namespace {

struct Candidate {
  const NamedType* type = nullptr;
  int uses = 0;
};

// More used types first; then interfaces before their implementations; then by name.
bool comes_before(const Candidate& a, const Candidate& b) {
  if (a.uses != b.uses) {
    return a.uses > b.uses;
  }
  if (a.type->kind == TypeKind::kInterface && is_sub_type(*a.type, *b.type)) {
    return true;
  }
  if (b.type->kind == TypeKind::kInterface && is_sub_type(*b.type, *a.type)) {
    return false;
  }
  return natural_compare(a.type->name, b.type->name) < 0;
}

// Types below an interface or union that have the field.
std::vector<std::string_view> suggested_types(const NamedType& type, std::string_view field) {
  std::vector<Candidate> candidates;
  if (type.kind != TypeKind::kInterface && type.kind != TypeKind::kUnion) {
    return {};
  }
  const auto count = [&](const NamedType* candidate) {
    const auto found = std::find_if(candidates.begin(), candidates.end(),
                                    [&](const Candidate& c) { return c.type == candidate; });
    if (found == candidates.end()) {
      candidates.push_back({.type = candidate, .uses = 1});
    } else {
      ++found->uses;
    }
  };
  for (const NamedType* const possible : type.possible_types) {
    if (possible->field(field) == nullptr) {
      continue;
    }
    count(possible);
    for (const NamedType* const interface : possible->interfaces) {
      if (interface->field(field) != nullptr) {
        count(interface);
      }
    }
  }
  // By hand: the order is not total where interfaces and names disagree.
  std::vector<Candidate> sorted;
  for (const Candidate& candidate : candidates) {
    auto place = sorted.end();
    while (place != sorted.begin() && comes_before(candidate, *(place - 1))) {
      --place;
    }
    sorted.insert(place, candidate);
  }
  std::vector<std::string_view> names;
  names.reserve(sorted.size());
  for (const Candidate& candidate : sorted) {
    names.push_back(candidate.type->name);
  }
  return names;
}

}  // namespace

// GraphQL, section 5.3.1: the field is one of its type's.
void fields_on_correct_type(Context& context, const Selection& selection, const NamedType* parent,
                            const Field* field) {
  if (parent == nullptr || field != nullptr) {
    return;
  }
  const std::string_view name = selection.name.value;
  std::string suggestion;
  if (context.options().suggestions) {
    suggestion = did_you_mean(suggested_types(*parent, name), "to use an inline fragment on");
    if (suggestion.empty()) {
      suggestion = context.suggest(name, names_of(parent->fields));
    }
  }
  context.report(
      fmt::format(R"(Cannot query field "{}" on type "{}".{})", name, parent->name, suggestion),
      {selection.offset});
}

}  // namespace matricula::graphql::rules
