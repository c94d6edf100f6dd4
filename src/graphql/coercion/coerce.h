#pragma once

#include <functional>
#include <optional>
#include <string>

#include "graphql/coercion/check_literal.h"
#include "graphql/coercion/input.h"
#include "json/value.h"

namespace matricula::graphql {

// A JSON value as a value of an input type; nullopt where it is none, and check_json() says why.
// Recursion is bounded by the nesting of the value.
std::optional<Input> coerce_json(const json::Value& value, const Type& type);

// The same for a literal; `variables` is null where there can be none. nullopt also where a
// variable without a value stands for the whole literal.
std::optional<Input> coerce_literal(const Value& value, const Type& type,
                                    const Variables* variables);

// The default of an argument or input field; nullopt where it has none.
std::optional<Input> coerce_default(const InputValue& definition);

struct JsonCheck {
  bool suggestions = true;
  // Returns whether to go on.
  std::function<bool(std::string message, const Path& path)> report = {};
};

// Reports everything that is wrong with a value, which is null where none was given, until `report`
// returns false: graphql-js's validateInputValue.
void check_json(const JsonCheck& check, const json::Value* value, const Type& type);

}  // namespace matricula::graphql
