#include "graphql/validation/rules/overlapping_fields_can_be_merged.h"

#include <algorithm>
#include <fmt/format.h>

namespace matricula::graphql::rules {

namespace {

constexpr std::size_t kDetailMax = 1000;
constexpr std::size_t kNodesMax = 20;
constexpr std::size_t kDistinctPairsMax = 16;

std::string abbreviated(std::string_view text) {
  return text.size() > kDetailMax ? std::string(text.substr(0, kDetailMax)) + "..."
                                  : std::string(text);
}

// Most selection sets: a few fields, each under a name of its own.
bool has_distinct_fields_only(const SelectionSet& set) {
  if (set.selections.size() > kDistinctPairsMax) {
    return false;
  }
  for (std::size_t i = 0; i < set.selections.size(); ++i) {
    const Selection& selection = set.selections[i];
    if (selection.kind != SelectionKind::kField) {
      return false;
    }
    const std::string_view key = selection.response_key();
    for (std::size_t j = 0; j < i; ++j) {
      if (set.selections[j].response_key() == key) {
        return false;
      }
    }
  }
  return true;
}

// Whether no value can have both shapes: SameResponseShape.
bool do_types_conflict(const Type& type1, const Type& type2) {
  if (&type1 == &type2) {
    return false;
  }
  if (type1.is_list() || type2.is_list()) {
    return !type1.is_list() || !type2.is_list() || do_types_conflict(*type1.inner, *type2.inner);
  }
  if (type1.is_non_null() || type2.is_non_null()) {
    return !type1.is_non_null() || !type2.is_non_null() ||
           do_types_conflict(*type1.inner, *type2.inner);
  }
  return type1.named->is_leaf() || type2.named->is_leaf();
}

bool is_object(const NamedType* type) {
  return type != nullptr && type->kind == TypeKind::kObject;
}

const Type* type_of(const CollectedField& field) {
  return field.definition == nullptr ? nullptr : field.definition->type;
}

const NamedType* named_type_of(const CollectedField& field) {
  return field.definition == nullptr ? nullptr : &field.definition->type->innermost();
}

}  // namespace

bool OverlappingFieldsCanBeMerged::PairSet::has(const void* a, const void* b,
                                                bool exclusive) const {
  // Fields compared as not exclusive were compared in every respect.
  const auto found = pairs_.find({a, b});
  return found != pairs_.end() && (exclusive || !found->second);
}

bool OverlappingFieldsCanBeMerged::descend() {
  return context_.may_descend(depth_, offset_);
}

void OverlappingFieldsCanBeMerged::enter(const SelectionSet& set, const NamedType* parent) {
  const bool is_single =
      set.selections.size() <= 1 && set.selections.front().kind != SelectionKind::kInlineFragment;
  if (is_single || has_distinct_fields_only(set)) {
    return;
  }
  offset_ = set.offset;
  const FieldCollection& fields = collections_.of(parent, set);
  Conflicts conflicts;
  within(fields, conflicts);
  if (!fields.groups.empty() || fields.fragments.size() > 1) {
    for (std::size_t i = 0; i < fields.fragments.size() && !context_.is_stopped(); ++i) {
      fields_and_fragment(false, fields, fields.fragments[i], conflicts);
      for (std::size_t j = i + 1; j < fields.fragments.size() && !context_.is_stopped(); ++j) {
        fragments(false, fields.fragments[i], fields.fragments[j], conflicts);
      }
    }
  }
  for (Conflict& conflict : conflicts) {
    conflict.fields1.insert(conflict.fields1.end(), conflict.fields2.begin(),
                            conflict.fields2.end());
    context_.report(
        fmt::format(R"(Fields "{}" conflict because {}. Use different aliases on the fields to )"
                    "fetch both if this was intentional.",
                    abbreviated(conflict.response_name), conflict.reason),
        std::move(conflict.fields1));
  }
}

void OverlappingFieldsCanBeMerged::within(const FieldCollection& fields, Conflicts& conflicts) {
  for (const FieldCollection::Group& group : fields.groups) {
    for (std::size_t i = 0; i < group.fields.size(); ++i) {
      for (std::size_t j = i + 1; j < group.fields.size() && !context_.is_stopped(); ++j) {
        compare(false, group.response_name, group.fields[i], group.fields[j], conflicts);
      }
    }
  }
}

void OverlappingFieldsCanBeMerged::between(bool exclusive, const FieldCollection& fields1,
                                           const FieldCollection& fields2, Conflicts& conflicts) {
  for (const FieldCollection::Group& group1 : fields1.groups) {
    if (!context_.spend_comparisons(1, offset_)) {
      return;
    }
    const std::uint32_t number = fields2.names.find(group1.response_name);
    if (number == NameIndex::kNone) {
      continue;
    }
    for (const CollectedField& field1 : group1.fields) {
      for (const CollectedField& field2 : fields2.groups[number].fields) {
        compare(exclusive, group1.response_name, field1, field2, conflicts);
        if (context_.is_stopped()) {
          return;
        }
      }
    }
  }
}

void OverlappingFieldsCanBeMerged::fields_and_fragment(bool exclusive,
                                                       const FieldCollection& fields,
                                                       const Definition* fragment,
                                                       Conflicts& conflicts) {
  if (!context_.spend_comparisons(Context::kComparison, offset_) || fields.groups.empty() ||
      compared_fields_and_fragments_.has(&fields, fragment, exclusive)) {
    return;
  }
  compared_fields_and_fragments_.add(&fields, fragment, exclusive);
  if (fragment == nullptr || !descend()) {
    return;
  }
  const FieldCollection& other = collections_.of(*fragment);
  if (&other == &fields) {
    return;
  }
  between(exclusive, fields, other, conflicts);
  ++depth_;
  for (const Definition* const referenced : other.fragments) {
    if (context_.is_stopped()) {
      break;
    }
    fields_and_fragment(exclusive, fields, referenced, conflicts);
  }
  --depth_;
}

void OverlappingFieldsCanBeMerged::fragments(bool exclusive, const Definition* fragment1,
                                             const Definition* fragment2, Conflicts& conflicts) {
  if (!context_.spend_comparisons(Context::kComparison, offset_) || fragment1 == fragment2 ||
      compared_fragments_.has(fragment1, fragment2, exclusive) ||
      compared_fragments_.has(fragment2, fragment1, exclusive)) {
    return;
  }
  compared_fragments_.add(fragment1, fragment2, exclusive);
  if (fragment1 == nullptr || fragment2 == nullptr || !descend()) {
    return;
  }
  const FieldCollection& fields1 = collections_.of(*fragment1);
  const FieldCollection& fields2 = collections_.of(*fragment2);
  between(exclusive, fields1, fields2, conflicts);
  ++depth_;
  for (const Definition* const referenced : fields2.fragments) {
    if (context_.is_stopped()) {
      break;
    }
    fragments(exclusive, fragment1, referenced, conflicts);
  }
  for (const Definition* const referenced : fields1.fragments) {
    if (context_.is_stopped()) {
      break;
    }
    fragments(exclusive, referenced, fragment2, conflicts);
  }
  --depth_;
}

void OverlappingFieldsCanBeMerged::sub_selections(bool exclusive, const CollectedField& field1,
                                                  const CollectedField& field2,
                                                  Conflicts& conflicts) {
  const FieldCollection& fields1 =
      collections_.of(named_type_of(field1), *field1.selection->selection_set);
  const FieldCollection& fields2 =
      collections_.of(named_type_of(field2), *field2.selection->selection_set);
  between(exclusive, fields1, fields2, conflicts);
  for (const Definition* const fragment : fields2.fragments) {
    fields_and_fragment(exclusive, fields1, fragment, conflicts);
  }
  for (const Definition* const fragment : fields1.fragments) {
    fields_and_fragment(exclusive, fields2, fragment, conflicts);
  }
  for (const Definition* const fragment1 : fields1.fragments) {
    for (const Definition* const fragment2 : fields2.fragments) {
      if (context_.is_stopped()) {
        return;
      }
      fragments(exclusive, fragment1, fragment2, conflicts);
    }
  }
}

void OverlappingFieldsCanBeMerged::compare(bool parents_exclusive, std::string_view response_name,
                                           const CollectedField& field1,
                                           const CollectedField& field2, Conflicts& conflicts) {
  if (!context_.spend_comparisons(Context::kComparison, offset_) || !descend()) {
    return;
  }
  const Selection& selection1 = *field1.selection;
  const Selection& selection2 = *field2.selection;
  const Type* const type1 = type_of(field1);
  const Type* const type2 = type_of(field2);
  const bool same_name = selection1.name.value == selection2.name.value;
  if (field1.is_simple_leaf && field2.is_simple_leaf && type1 == type2 && same_name) {
    return;
  }
  const auto add = [&](std::string reason) {
    conflicts.push_back({.response_name = response_name,
                         .reason = std::move(reason),
                         .fields1 = {selection1.offset},
                         .fields2 = {selection2.offset}});
  };
  // Fields of different objects never meet in one answer; their shapes must agree all the same.
  const bool exclusive =
      parents_exclusive ||
      (field1.parent != field2.parent && is_object(field1.parent) && is_object(field2.parent));
  if (!exclusive) {
    if (!same_name) {
      add(fmt::format(R"("{}" and "{}" are different fields)", abbreviated(selection1.name.value),
                      abbreviated(selection2.name.value)));
      return;
    }
    std::size_t cost = 0;
    const bool same = have_same_arguments(selection1.arguments, selection2.arguments, cost);
    if (!context_.spend_comparisons(cost, offset_)) {
      return;
    }
    if (!same) {
      add("they have differing arguments");
      return;
    }
  }
  if (type1 != nullptr && type2 != nullptr && do_types_conflict(*type1, *type2)) {
    add(fmt::format(R"(they return conflicting types "{}" and "{}")", type_text(*type1),
                    type_text(*type2)));
    return;
  }
  if (selection1.selection_set == nullptr || selection2.selection_set == nullptr) {
    return;
  }
  Conflicts inner;
  ++depth_;
  sub_selections(exclusive, field1, field2, inner);
  --depth_;
  if (!inner.empty()) {
    conflicts.push_back(subfield_conflict(response_name, selection1, selection2, inner));
  }
}

// One conflict of two fields, described by those of the fields within.
OverlappingFieldsCanBeMerged::Conflict OverlappingFieldsCanBeMerged::subfield_conflict(
    std::string_view response_name, const Selection& selection1, const Selection& selection2,
    const Conflicts& inner) {
  Conflict conflict{.response_name = response_name,
                    .reason = {},
                    .fields1 = {selection1.offset},
                    .fields2 = {selection2.offset}};
  for (const Conflict& sub : inner) {
    conflict.reason += fmt::format(R"({}subfields "{}" conflict because {})",
                                   conflict.reason.empty() ? "" : " and ",
                                   abbreviated(sub.response_name), sub.reason);
    if (conflict.reason.size() > kDetailMax) {
      break;
    }
  }
  conflict.reason = abbreviated(conflict.reason);
  const auto add_places = [](Offsets& places, const Offsets& more) {
    const std::size_t count = std::min(more.size(), kNodesMax - std::min(kNodesMax, places.size()));
    places.insert(places.end(), more.end() - static_cast<std::ptrdiff_t>(count), more.end());
  };
  for (const Conflict& sub : inner) {
    add_places(conflict.fields1, sub.fields1);
    add_places(conflict.fields2, sub.fields2);
  }
  return conflict;
}

}  // namespace matricula::graphql::rules
