#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <variant>

#include "graphql/language/diagnostic.h"
#include "graphql/schema/schema.h"

namespace matricula::graphql {

// The text of a schema coordinate (GraphQL, section 3.14), its parts borrowed from that text:
// Type, Type.member, Type.field(argument:), @directive, @directive(argument:).
struct SchemaCoordinate {
  bool is_directive = false;
  std::string_view name;      // of a type or directive
  std::string_view member;    // of a type: a field, input field or enum value; empty for none
  std::string_view argument;  // of a field or directive; empty for none
};

// What a coordinate can name. Borrowed from the schema; never null.
using SchemaElement = std::variant<const NamedType*, const Field*, const InputValue*,
                                   const EnumValue*, const DirectiveType*>;

// Reads a coordinate; no blank is allowed in it. Wording and location of the error (kParseFailed)
// are graphql-js's. Pure.
tl::expected<SchemaCoordinate, Diagnostic> parse_coordinate(std::string_view text);

// The element that a coordinate names; nothing where what contains it has none of that name. That
// the containing element is not there, or cannot contain such a thing, is an error in graphql-js's
// words, without a location. Pure.
tl::expected<std::optional<SchemaElement>, Diagnostic> resolve_coordinate(
    const Schema& schema, const SchemaCoordinate& coordinate);

}  // namespace matricula::graphql
