#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "json/value.h"

namespace matricula::graphql {

// The value of a JSON number; infinite where a double cannot hold it, as JavaScript reads it.
double number_of(const json::Value::Number& number);

// A number as JavaScript writes it: 1, 1.5, 1e+21, Infinity.
std::string number_text(double number);

// Whether a number has no fraction.
bool is_integer(double number);

// What an ID is made of a number: its digits; nullopt where it has a fraction. Integers that a
// double cannot hold keep the digits the request wrote, where graphql-js would round them.
std::optional<std::string> id_text(const json::Value::Number& number);

// A JSON value as error messages show it: graphql-js's inspect(), two levels deep, ten items wide.
std::string inspect(const json::Value& value);

// The members of an object as JavaScript orders them: names that are array indices first.
std::vector<const json::Value::Member*> ordered_members(const json::Value::Object& object);

}  // namespace matricula::graphql
