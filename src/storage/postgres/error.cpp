#include "storage/postgres/error.h"

#include <fmt/format.h>

#include "storage/limits.h"

namespace matricula::storage::postgres {
namespace {

struct Meaning {
  ErrorCode code;
  std::string_view message;
};

// PostgreSQL 15, appendix A, "PostgreSQL Error Codes".
Meaning meaning(std::string_view sqlstate) {
  const auto is = [sqlstate](std::string_view prefix) { return sqlstate.starts_with(prefix); };
  if (is("23")) {
    return {ErrorCode::kConflict, "The change conflicts with what is stored."};
  }
  if (sqlstate == kQueryCanceled) {  // cancelled: by statement_timeout, since we cancel nothing
    return {ErrorCode::kTimeout, "The request took longer than its limit."};
  }
  if (is("55P03") || is("40")) {  // lock not available, serialization failure, deadlock
    return {ErrorCode::kUnavailable, "The store is busy. Try again later."};
  }
  if (is("25P03") || is("25P04")) {  // idle in a transaction, or too long in one
    return {ErrorCode::kUnavailable,
            "The store ended this change, because it had stood still for too long. Try again."};
  }
  if (is("53100")) {
    return {ErrorCode::kUnavailable, "The store has no space left."};
  }
  if (is("53300")) {
    return {ErrorCode::kUnavailable, "The store takes no more connections. Try again later."};
  }
  if (is("53") || is("54")) {
    return {ErrorCode::kUnavailable, "The store is out of resources. Try again later."};
  }
  if (is("08") || is("57")) {  // connections; shut down, starting up
    return {ErrorCode::kUnavailable, "The store is not reachable. Try again later."};
  }
  if (is("28")) {
    return {ErrorCode::kUnavailable, "The store refuses this role or its password."};
  }
  if (is("3D")) {
    return {ErrorCode::kNotFound, "There is no such database."};
  }
  if (sqlstate == kInsufficientPrivilege) {
    return {ErrorCode::kUnavailable, "The store does not allow this role to do that."};
  }
  if (is("25006")) {
    return {ErrorCode::kUnavailable, "The store cannot be written here."};
  }
  if (is(kInFailedTransaction)) {
    return {ErrorCode::kUnavailable, "The store could not do this. Try again later."};
  }
  if (is("XX001") || is("XX002")) {
    return {ErrorCode::kCorrupt, "The store is damaged."};
  }
  return {ErrorCode::kInternal, "The store could not do this."};
}

std::string_view without_last_newline(std::string_view text) {
  while (text.ends_with('\n')) {
    text.remove_suffix(1);
  }
  return text;
}

}  // namespace

Error make_error(std::string_view sqlstate, std::string_view detail, std::string_view context) {
  const Meaning found = meaning(sqlstate);
  std::string internal = fmt::format("postgresql {}: {}", sqlstate, without_last_newline(detail));
  if (!context.empty()) {
    internal += fmt::format("; in: {}", context.substr(0, kErrorTextBytesMax));
  }
  return Error{
      .code = found.code, .message = std::string(found.message), .internal = std::move(internal)};
}

Error result_error(const PGresult* result, std::string_view context) {
  const char* const sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  if (sqlstate == nullptr) {  // libpq's own: the connection failed
    return lost_error(PQresultErrorMessage(result));
  }
  const char* const message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  return make_error(sqlstate, message == nullptr ? "" : message, context);
}

Error lost_error(std::string_view detail) {
  return Error{.code = ErrorCode::kUnavailable,
               .message = "The store is not reachable. Try again later.",
               .internal = fmt::format("postgresql: {}", without_last_newline(detail))};
}

Error late_error(std::string_view detail) {
  return Error{.code = ErrorCode::kTimeout,
               .message = "The request took longer than its limit.",
               .internal = fmt::format("postgresql: {}", detail)};
}

}  // namespace matricula::storage::postgres
