#pragma once

#include <string>

#include "graphql/coercion/input.h"
#include "graphql/validation/validate.h"
#include "json/value.h"

namespace matricula::conformance {

// What the executor answers to a document with one operation, whose types are objects. The root
// fields have the values in `root`, texts of JSON by name.
std::string answer_of(const graphql::ValidDocument& valid, graphql::Variables variables,
                      const json::Value& root);

}  // namespace matricula::conformance
