#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "execution/active_flags.h"
#include "graphql/coercion/input.h"
#include "graphql/language/diagnostic.h"
#include "planning/plan.h"

namespace matricula::execution {

// An error that is known before the plan runs, with its place in the document and in the answer.
struct BoundError {
  Error error;
  std::vector<graphql::Location> locations = {};  // empty: those of the root field
  std::string path = {};                          // as JSON; empty: that of the root field
};

// The error of an object below a root field, in whose selections null is the variable of a @skip or
// @include (GraphQL, section 6.4.1). It is an error once there is such an object.
struct Refusal {
  BoundError error;
  bool needs_items = false;  // the object is the first of a list of the root field
  const planning::ObjectEntry* list = nullptr;  // that list, where the root field has several
};

// The error of the operation's own selections, which has no path.
std::optional<BoundError> refusal_of_operation(const planning::Plan& plan,
                                               const graphql::Variables& variables,
                                               const ActiveFlags& flags);

// Those below a root field, in the order of execution; nothing follows one that needs no items.
// Lists within items are taken to have items, and what may be null there not to be null.
std::vector<Refusal> refusals_below(const planning::RootEntry& root, const planning::Plan& plan,
                                    const graphql::Variables& variables, const ActiveFlags& flags);

// The path of a root field as JSON.
std::string path_of(const planning::RootEntry& root);

}  // namespace matricula::execution
