#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace matricula::graphql {

// Line and column count from 1; columns in UTF-16 units, as graphql-js counts.
struct Location {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  bool operator==(const Location&) const = default;
};

// Line and column of the byte `offset` of `source`; lines end at LF, CR or CRLF.
Location location_at(std::string_view source, std::size_t offset);

// What is wrong with a document, its variables or its execution, as the client sees it.
struct Diagnostic {
  ErrorCode code = ErrorCode::kValidationFailed;
  std::string message;
  std::vector<Location> locations;
  bool operator==(const Diagnostic&) const = default;
};

}  // namespace matricula::graphql
