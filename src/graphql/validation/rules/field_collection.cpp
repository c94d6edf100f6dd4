#include "graphql/validation/rules/field_collection.h"

#include <algorithm>

namespace matricula::graphql::rules {

namespace {

bool has_fields(const NamedType* type) {
  return type != nullptr && (type->kind == TypeKind::kObject || type->kind == TypeKind::kInterface);
}

bool is_same_value(const Value& a, const Value& b, std::size_t& cost);

std::vector<const ObjectField*> by_name(std::span<const ObjectField> fields) {
  std::vector<const ObjectField*> sorted;
  sorted.reserve(fields.size());
  for (const ObjectField& field : fields) {
    sorted.push_back(&field);
  }
  std::stable_sort(sorted.begin(), sorted.end(), [](const ObjectField* a, const ObjectField* b) {
    return a->name.value < b->name.value;
  });
  return sorted;
}

bool are_same_fields(std::span<const ObjectField> a, std::span<const ObjectField> b,
                     std::size_t& cost) {
  if (a.size() != b.size()) {
    return false;
  }
  cost += a.size();
  const auto sorted_a = by_name(a);
  const auto sorted_b = by_name(b);
  return std::equal(sorted_a.begin(), sorted_a.end(), sorted_b.begin(),
                    [&](const ObjectField* x, const ObjectField* y) {
                      return x->name.value == y->name.value &&
                             is_same_value(x->value, y->value, cost);
                    });
}

bool is_same_value(const Value& a, const Value& b, std::size_t& cost) {
  ++cost;
  if (a.kind != b.kind || a.block != b.block || a.text != b.text) {
    return false;
  }
  return std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(),
                    [&](const Value& x, const Value& y) { return is_same_value(x, y, cost); }) &&
         are_same_fields(a.fields, b.fields, cost);
}

}  // namespace

const FieldCollection& FieldCollections::of(const NamedType* parent, const SelectionSet& set) {
  const auto [place, is_new] = collections_.try_emplace(Key{.parent = parent, .set = &set});
  if (is_new) {
    collect(parent, set, place->second);
  }
  return place->second;
}

const FieldCollection& FieldCollections::of(const Definition& fragment) {
  return of(context_.schema().type(fragment.type_condition.value), *fragment.selection_set);
}

void FieldCollections::collect(const NamedType* parent, const SelectionSet& set,
                               FieldCollection& into) const {
  for (const Selection& selection : set.selections) {
    switch (selection.kind) {
      case SelectionKind::kField:
        collect_field(parent, selection, into);
        break;
      case SelectionKind::kFragmentSpread: {
        const Definition* const fragment = context_.fragment(selection.name.value);
        if (std::find(into.fragments.begin(), into.fragments.end(), fragment) ==
            into.fragments.end()) {
          into.fragments.push_back(fragment);
        }
        break;
      }
      case SelectionKind::kInlineFragment: {
        const Name& condition = selection.type_condition;
        collect(condition.value.empty() ? parent : context_.schema().type(condition.value),
                *selection.selection_set, into);
        break;
      }
    }
  }
}

void FieldCollections::collect_field(const NamedType* parent, const Selection& field,
                                     FieldCollection& into) const {
  const std::uint32_t number = into.names.add(field.response_key());
  if (number == into.groups.size()) {
    into.groups.push_back({.response_name = field.response_key(), .fields = {}});
  }
  into.groups[number].fields.push_back(
      {.parent = parent,
       .selection = &field,
       .definition = has_fields(parent) ? parent->field(field.name.value) : nullptr,
       .is_simple_leaf = field.arguments.empty() && field.selection_set == nullptr});
}

bool have_same_arguments(std::span<const Argument> arguments1, std::span<const Argument> arguments2,
                         std::size_t& cost) {
  if (arguments1.size() != arguments2.size()) {
    return false;
  }
  for (const Argument& argument : arguments1) {
    cost += 1 + arguments2.size() / 8;
    // The last of a name counts, where a name occurs twice.
    const auto other = std::find_if(
        arguments2.rbegin(), arguments2.rend(),
        [&](const Argument& candidate) { return candidate.name.value == argument.name.value; });
    if (other == arguments2.rend() || !is_same_value(argument.value, other->value, cost)) {
      return false;
    }
  }
  return true;
}

}  // namespace matricula::graphql::rules
