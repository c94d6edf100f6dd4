#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "graphql/validation/context.h"
#include "graphql/validation/rules/field_collection.h"

namespace matricula::graphql::rules {

// GraphQL, section 5.3.2: fields with one response name can become one. The algorithm is
// graphql-js's, for the order and the text of its conflicts: fields are compared within a selection
// set, between it and each fragment, and between fragments, no pair twice. What fragments do to
// that is paid for from the budget of comparisons.
class OverlappingFieldsCanBeMerged {
 public:
  explicit OverlappingFieldsCanBeMerged(Context& context)
      : context_(context), collections_(context) {}

  // Not for the sets of inline fragments, which belong to the set around them.
  void enter(const SelectionSet& set, const NamedType* parent);

 private:
  using Offsets = std::vector<Offset>;
  struct Conflict {
    std::string_view response_name;
    std::string reason;
    Offsets fields1;
    Offsets fields2;
  };
  using Conflicts = std::vector<Conflict>;

  // Pairs of things already compared; true where they were compared as exclusive alone.
  class PairSet {
   public:
    bool has(const void* a, const void* b, bool exclusive) const;
    void add(const void* a, const void* b, bool exclusive) { pairs_[{a, b}] = exclusive; }

   private:
    struct Hash {
      std::size_t operator()(const std::pair<const void*, const void*>& pair) const {
        return std::hash<const void*>()(pair.first) * 31 + std::hash<const void*>()(pair.second);
      }
    };
    std::unordered_map<std::pair<const void*, const void*>, bool, Hash> pairs_;
  };

  void within(const FieldCollection& fields, Conflicts& conflicts);
  void between(bool exclusive, const FieldCollection& fields1, const FieldCollection& fields2,
               Conflicts& conflicts);
  void fields_and_fragment(bool exclusive, const FieldCollection& fields,
                           const Definition* fragment, Conflicts& conflicts);
  void fragments(bool exclusive, const Definition* fragment1, const Definition* fragment2,
                 Conflicts& conflicts);
  void sub_selections(bool exclusive, const CollectedField& field1, const CollectedField& field2,
                      Conflicts& conflicts);
  void compare(bool parents_exclusive, std::string_view response_name, const CollectedField& field1,
               const CollectedField& field2, Conflicts& conflicts);

  static Conflict subfield_conflict(std::string_view response_name, const Selection& selection1,
                                    const Selection& selection2, const Conflicts& inner);

  bool descend();

  Context& context_;
  FieldCollections collections_;
  PairSet compared_fields_and_fragments_;
  PairSet compared_fragments_;
  Offset offset_ = 0;      // of the selection set being checked
  std::size_t depth_ = 0;  // of recursion
};

}  // namespace matricula::graphql::rules
