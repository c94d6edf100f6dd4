#include "graphql/coercion/scalar_text.h"

#include <fmt/format.h>

#include "base/time_text.h"

namespace matricula::graphql {

std::string custom_scalar_complaint(const NamedType& scalar, std::string_view text) {
  if (scalar.scalar == ScalarKind::kTime && !parse_time(text)) {
    return "Time must be an RFC 3339 date-time such as 2026-01-31T12:00:00Z";
  }
  if (scalar.scalar == ScalarKind::kDuration && !is_iso8601_duration(text)) {
    return "Duration must be an ISO 8601 duration such as PT1H30M";
  }
  return {};
}

std::string custom_scalar_needs_text(const NamedType& scalar, bool is_compound) {
  const bool is_known =
      scalar.scalar == ScalarKind::kTime || scalar.scalar == ScalarKind::kDuration;
  return is_known || is_compound ? fmt::format("{} must be a string", scalar.name) : std::string();
}

std::string custom_scalar_error(const NamedType& scalar, std::string_view complaint,
                                std::string_view found) {
  return fmt::format(R"(Expected value of type "{}", but encountered error "{}"; found: {}.)",
                     scalar.name, complaint, found);
}

}  // namespace matricula::graphql
