#pragma once

#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "graphql/language/ast.h"
#include "graphql/schema/schema.h"
#include "planning/plan.h"

namespace matricula::planning {

// A selection set that counts while a flag holds.
struct FlaggedSet {
  const graphql::SelectionSet* set = nullptr;
  FlagId flag = kAlways;
};

// One place where a response key is written, with the selections merged under it.
struct CollectedField {
  Activation when;
  std::string_view key;
  const graphql::Selection* node = nullptr;  // the first of the key
  std::vector<FlaggedNode> nodes;
  std::vector<FlaggedSet> sets;  // what is selected below it
};

// What is selected of one object.
struct Collected {
  std::vector<CollectedField> fields;
  NullableConditions conditions;
};

// CollectFields (GraphQL, section 6.3.2) done once for all values of the variables: flags stand for
// the directives that only a request decides. Expansion is bounded: more than kExpansionsMax
// visited selections fail with kLimitExceeded.
class Collector {
 public:
  Collector(const graphql::Schema& schema, const graphql::Document& document,
            const graphql::Definition& operation);

  static constexpr std::size_t kExpansionsMax = 50'000;

  Result<Collected> collect(const graphql::NamedType& type, const std::vector<FlaggedSet>& sets);
  std::vector<Flag> take_flags() { return std::move(flags_); }
  // Whether anything that was collected has a condition that may be null.
  bool has_nullable_conditions() const { return has_nullable_conditions_; }

 private:
  struct Key {
    std::string_view name;
    std::vector<FlaggedNode> nodes;
    std::vector<FlaggedSet> sets;
    std::vector<FlagId> flags;  // under which it was met, in order, each once
  };
  struct Visit;

  Result<void> visit(Visit& state, const graphql::SelectionSet& set, FlagId flag);
  // The flag under which a selection counts; nullopt when it never does. Appends its conditions
  // whose variables may be null.
  std::optional<FlagId> flag_of(std::span<const graphql::Directive> directives, FlagId parent,
                                NullableConditions& conditions);
  FlagId intern(FlagId parent, std::string_view variable, bool expected);
  bool applies(std::string_view type_condition, const graphql::NamedType& type) const;
  const graphql::Definition* fragment(std::string_view name) const;

  const graphql::Schema& schema_;
  const graphql::Document& document_;
  std::set<std::string_view> nullable_;  // variables of the operation
  std::vector<Flag> flags_;
  std::map<std::tuple<FlagId, std::string_view, bool>, FlagId> interned_;
  std::size_t expansions_ = 0;
  bool has_nullable_conditions_ = false;
};

}  // namespace matricula::planning
