#pragma once

#include <deque>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "graphql/validation/context.h"

namespace matricula::graphql::rules {

struct CollectedField {
  const NamedType* parent = nullptr;  // null where it is not known
  const Selection* selection = nullptr;
  const Field* definition = nullptr;  // null where it is not known; meta fields have none here
  bool is_simple_leaf = false;        // no arguments, no selections
};

// The fields of a selection set by response name, those of its inline fragments included, and the
// fragments it spreads.
struct FieldCollection {
  struct Group {
    std::string_view response_name;
    std::vector<CollectedField> fields;
  };
  std::vector<Group> groups;
  NameIndex names;                           // of groups
  std::vector<const Definition*> fragments;  // each once; null stands for all unknown ones
};

// Collects each selection set once for each parent type.
class FieldCollections {
 public:
  explicit FieldCollections(const Context& context) : context_(context) {}

  const FieldCollection& of(const NamedType* parent, const SelectionSet& set);
  const FieldCollection& of(const Definition& fragment);

 private:
  void collect(const NamedType* parent, const SelectionSet& set, FieldCollection& into) const;
  void collect_field(const NamedType* parent, const Selection& field, FieldCollection& into) const;

  struct Key {
    const NamedType* parent = nullptr;
    const SelectionSet* set = nullptr;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      return std::hash<const void*>()(key.parent) * 31 + std::hash<const void*>()(key.set);
    }
  };

  const Context& context_;
  std::unordered_map<Key, FieldCollection, KeyHash> collections_;
};

// Whether two fields have the same arguments, whatever their order. `cost` grows with the work.
bool have_same_arguments(std::span<const Argument> arguments1, std::span<const Argument> arguments2,
                         std::size_t& cost);

}  // namespace matricula::graphql::rules
