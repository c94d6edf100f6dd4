#pragma once

#include <string>
#include <string_view>

namespace matricula {

// What went wrong, in terms that decide how it is answered: error_name() gives extensions.code, and
// gate/status.h the HTTP status.
enum class ErrorCode {
  kBadUserInput,        // a value the client sent cannot be used
  kParseFailed,         // the document is not GraphQL
  kValidationFailed,    // the document is GraphQL, but not against this schema
  kLimitExceeded,       // a named limit was passed
  kNoPersistedQueries,  // a hash in place of a document
  kUnauthenticated,     // not a caller that we know
  kUnauthorized,        // known, but not allowed; also "not there", so that the two look the same
  kRateLimited,
  kUnavailable,  // try again later: the store is busy, closed or full
  kTimeout,
  kUsage,     // wrong command line
  kNotFound,  // a file, a record, an address that an operator named
  kConflict,  // would break uniqueness or a reference
  kCorrupt,   // a store or file that is not what it should be
  kIo,
  kInternal,
};

// The stable name of a code, such as BAD_USER_INPUT: what clients see in extensions.code.
std::string_view error_name(ErrorCode code);

// Two audiences, two messages: `message` may leave the process, `internal` goes to the log alone.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  std::string internal = {};

  bool operator==(const Error&) const = default;
};

}  // namespace matricula
