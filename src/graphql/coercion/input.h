#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <variant>
#include <vector>

#include "graphql/language/diagnostic.h"
#include "graphql/schema/schema.h"
#include "json/value.h"

namespace matricula::graphql {

// A coerced input value: GraphQL, section 3.13 and 6.4.1. Time becomes Timestamp (microseconds),
// ID a string, an enum its name.
struct InputObject;
struct Input {
  struct Null {
    bool operator==(const Null&) const = default;
  };
  struct EnumName {
    std::string name;
    bool operator==(const EnumName&) const = default;
  };
  struct Time {
    std::int64_t micros = 0;
    bool operator==(const Time&) const = default;
  };
  struct Member;
  using List = std::vector<Input>;
  // Fields in the order of the input type; absent fields are not in it.
  using Object = std::vector<Member>;

  std::variant<Null, bool, std::int32_t, double, std::string, EnumName, Time, List, Object> value;

  bool is_null() const { return std::holds_alternative<Null>(value); }
  // The field of an object; null where it is absent.
  const Input* field(std::string_view name) const;
};

// Not a std::pair, which clang 14 cannot make of a type that holds it.
struct Input::Member {
  Member() = default;
  Member(std::string_view member_name, Input member_value)
      : name(member_name), value(std::move(member_value)) {}

  std::string_view name;
  Input value;
};

// Variable values by name without `$`; a variable that was not provided and has no default is
// absent.
using Variables = std::map<std::string, Input, std::less<>>;

struct CoercionOptions {
  std::size_t errors_max = 50;
  bool suggestions = true;  // "Did you mean ..."
};

// CoerceVariableValues (GraphQL, section 6.1.2); `values` is the request's JSON object or null.
// Names in `values` that the operation does not define are ignored. Messages are graphql-js 17's,
// at the definition of the variable; all have kBadUserInput.
tl::expected<Variables, std::vector<Diagnostic>> coerce_variables(
    const Schema& schema, const Document& document, const Definition& operation,
    const json::Value& values, const CoercionOptions& options = {});

// CoerceArgumentValues for one argument (section 6.4.1): the value in force, its default included;
// nullopt when absent. `argument` is null where the document does not give it. An error is possible
// only through variables (a null variable in a non-null position). `parent_type` is the name of the
// type that the field belongs to, for messages.
tl::expected<std::optional<Input>, Diagnostic> coerce_argument(
    const Document& document, const InputValue& definition, const Argument* argument,
    const Variables& variables, const Selection& field, std::string_view parent_type = {});

}  // namespace matricula::graphql
