#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace matricula::json {

// A JSON value that a request brought: variables and extensions. Numbers keep their source text, for
// messages and for exact range checks. Duplicate member names are refused when reading.
struct Value {
  struct Null {
    bool operator==(const Null&) const = default;
  };
  struct Number {
    std::string text;  // as written
    bool operator==(const Number&) const = default;
  };
  using Array = std::vector<Value>;
  using Object = std::vector<std::pair<std::string, Value>>;

  std::variant<Null, bool, Number, std::string, Array, Object> data;

  bool is_null() const { return std::holds_alternative<Null>(data); }
  const Object* object() const { return std::get_if<Object>(&data); }
  // The member of an object; null where there is none.
  const Value* member(std::string_view name) const;
};

struct ReadLimits {
  std::size_t nesting = 200;
};

// Reads one JSON text (RFC 8259): UTF-8 without BOM, no duplicate names, nothing after it, no NUL
// character in a string, no lone surrogate. Errors (kBadUserInput) say what and at which byte.
Result<Value> read(std::string_view text, const ReadLimits& limits = {});

}  // namespace matricula::json
