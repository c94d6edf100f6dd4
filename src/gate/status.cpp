#include "gate/status.h"

#include "base/assert.h"

namespace matricula::gate {

int http_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::kBadUserInput:
    case ErrorCode::kParseFailed:
    case ErrorCode::kValidationFailed:
    case ErrorCode::kLimitExceeded:
    case ErrorCode::kNoPersistedQueries:
      return 400;
    case ErrorCode::kUnauthenticated:
      return 401;
    case ErrorCode::kUnauthorized:
      return 403;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kConflict:
      return 409;
    case ErrorCode::kRateLimited:
      return 429;
    case ErrorCode::kUnavailable:
    case ErrorCode::kTimeout:
      return 503;
    case ErrorCode::kUsage:
    case ErrorCode::kCorrupt:
    case ErrorCode::kIo:
    case ErrorCode::kInternal:
      return 500;
  }
  MATRICULA_ASSERT(false && "every code has a status");
  return 500;
}

}  // namespace matricula::gate
