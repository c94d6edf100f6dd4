#pragma once

#include <string_view>

namespace matricula::graphql {

// The types and directives that every schema has, with graphql-js's descriptions and in its order.
// `__Meta` is no type of a schema: it holds the definitions of the meta fields.
extern const std::string_view kBuiltinSdl;

inline constexpr std::string_view kMetaTypeName = "__Meta";

}  // namespace matricula::graphql
