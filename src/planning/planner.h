#pragma once

#include <string_view>

#include "base/result.h"
#include "graphql/validation/validate.h"
#include "planning/mapping.h"
#include "planning/plan.h"

namespace matricula::planning {

// The operation that a request means. `name` is empty when the request names none. Errors: no such
// operation, or several and none named (kBadUserInput, graphql-js's wording). Pure.
Result<const graphql::Definition*> find_operation(const graphql::Document& document,
                                                  std::string_view name);

// Compiles one operation of a valid document. Errors: those of find_operation(); an expansion
// beyond its limit (kLimitExceeded). Pure. `mapping` must outlive the plan.
Result<std::shared_ptr<const Plan>> make_plan(const graphql::ValidDocument& valid,
                                              std::string_view operation_name,
                                              const Mapping& mapping);

// Checks that a mapping and a schema fit: every root has a mapping, every field of a listed type a
// column of its type, every order an enum value and the other way round, every filter an input.
// Run at start-up; the error names the first thing that does not fit.
Result<void> check_mapping(const Mapping& mapping, const graphql::Schema& schema);

}  // namespace matricula::planning
