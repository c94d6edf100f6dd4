#include "base/error.h"

#include "base/assert.h"

namespace matricula {

std::string_view error_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::kBadUserInput:
      return "BAD_USER_INPUT";
    case ErrorCode::kParseFailed:
      return "GRAPHQL_PARSE_FAILED";
    case ErrorCode::kValidationFailed:
      return "GRAPHQL_VALIDATION_FAILED";
    case ErrorCode::kLimitExceeded:
      return "LIMIT_EXCEEDED";
    case ErrorCode::kNoPersistedQueries:
      return "PERSISTED_QUERY_NOT_SUPPORTED";
    case ErrorCode::kUnauthenticated:
      return "UNAUTHENTICATED";
    case ErrorCode::kUnauthorized:
      return "UNAUTHORIZED";
    case ErrorCode::kRateLimited:
      return "RATE_LIMIT_EXCEEDED";
    case ErrorCode::kUnavailable:
      return "UNAVAILABLE";
    case ErrorCode::kTimeout:
      return "TIMEOUT";
    case ErrorCode::kUsage:
      return "USAGE";
    case ErrorCode::kNotFound:
      return "NOT_FOUND";
    case ErrorCode::kConflict:
      return "CONFLICT";
    case ErrorCode::kCorrupt:
      return "CORRUPT";
    case ErrorCode::kIo:
      return "IO";
    case ErrorCode::kInternal:
      return "INTERNAL_SERVER_ERROR";
  }
  MATRICULA_ASSERT(false);
  return {};
}

}  // namespace matricula
