#pragma once

#include <map>
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

// CollectFields (GraphQL, section 6.3.2) done once for all values of the variables: flags stand for
// the directives that only a request decides. Expansion is bounded: more than kExpansionsMax
// visited selections fail with kLimitExceeded.
class Collector {
 public:
  Collector(const graphql::Schema& schema, const graphql::Document& document)
      : schema_(schema), document_(document) {}

  static constexpr std::size_t kExpansionsMax = 50'000;

  Result<std::vector<CollectedField>> collect(const graphql::NamedType& type,
                                              const std::vector<FlaggedSet>& sets);
  std::vector<Flag> take_flags() { return std::move(flags_); }

 private:
  struct Key {
    std::string_view name;
    std::vector<FlaggedNode> nodes;
    std::vector<FlaggedSet> sets;
    std::vector<FlagId> flags;  // under which it was met, in order, each once
  };
  struct Visit;

  Result<void> visit(Visit& state, const graphql::SelectionSet& set, FlagId flag);
  // The flag under which a selection counts; nullopt when it never does.
  std::optional<FlagId> flag_of(std::span<const graphql::Directive> directives, FlagId parent);
  FlagId intern(FlagId parent, std::string_view variable, bool expected);
  bool applies(std::string_view type_condition, const graphql::NamedType& type) const;
  const graphql::Definition* fragment(std::string_view name) const;

  const graphql::Schema& schema_;
  const graphql::Document& document_;
  std::vector<Flag> flags_;
  std::map<std::tuple<FlagId, std::string_view, bool>, FlagId> interned_;
  std::size_t expansions_ = 0;
};

}  // namespace matricula::planning
