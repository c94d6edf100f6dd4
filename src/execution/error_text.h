#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "execution/bound_plan.h"
#include "graphql/language/ast.h"
#include "graphql/language/diagnostic.h"
#include "planning/plan.h"

namespace matricula::execution {

// All places of the root field in the document that @skip and @include leave, as graphql-js lists
// them.
std::vector<const graphql::Selection*> nodes_of(const BoundPlan& plan,
                                                const planning::RootEntry& root);
std::vector<graphql::Location> locations_of(const BoundPlan& plan, const planning::RootEntry& root);

// Appends one element of `errors`. `path` is JSON; empty where there is none.
void append_error(std::string& out, std::string_view message, ErrorCode code,
                  std::span<const graphql::Location> locations, std::string_view path);

}  // namespace matricula::execution
