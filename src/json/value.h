#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace matricula::json {

// A JSON value that a request brought: variables and extensions. Numbers keep their source text,
// for messages and for exact range checks. Duplicate member names are refused when reading.
struct Value {
  struct Null {
    bool operator==(const Null&) const = default;
  };
  struct Number {
    std::string text;  // as written
    bool operator==(const Number&) const = default;
  };
  struct Member;
  using Array = std::vector<Value>;
  using Object = std::vector<Member>;

  std::variant<Null, bool, Number, std::string, Array, Object> data;

  bool is_null() const { return std::holds_alternative<Null>(data); }
  const Object* object() const { return std::get_if<Object>(&data); }
  // The member of an object; null where there is none.
  const Value* member(std::string_view name) const;
};

// Not a std::pair, which clang 14 cannot make of a type that holds it.
struct Value::Member {
  Member() = default;
  Member(std::string member_name, Value member_value)
      : name(std::move(member_name)), value(std::move(member_value)) {}

  std::string name;
  Value value;
};

struct ReadLimits {
  std::size_t nesting = 200;
  // Half of a surrogate pair is read as the three bytes that UTF-8 would have for it, and has not:
  // for who looks at some members alone, and sees by is_utf8() whether these are texts.
  bool keeps_halves = false;
};

// Reads one JSON text (RFC 8259): UTF-8, with or without a byte order mark, no duplicate names,
// nothing after it. "\u0000" is a character like others; half of a surrogate pair, which UTF-8
// cannot hold, is refused (I-JSON, RFC 7493 section 2.1) unless ReadLimits has it kept. Errors
// (kBadUserInput) say what and at which byte.
Result<Value> read(std::string_view text, const ReadLimits& limits = {});

}  // namespace matricula::json
