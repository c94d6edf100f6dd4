#pragma once

#include <libpq-fe.h>
#include <string_view>

#include "base/error.h"

namespace matricula::storage::postgres {

// Turns what the server says into our Error: a plain message for clients, and for the log the
// SQLSTATE, PostgreSQL's own words and `context` (the SQL text or nothing).
Error make_error(std::string_view sqlstate, std::string_view detail, std::string_view context);

// The error of a result.
Error result_error(const PGresult* result, std::string_view context);

// The connection is gone, or cannot be made.
Error lost_error(std::string_view detail);

// Nothing came before the deadline.
Error late_error(std::string_view detail);

// A rule of the whole store was broken: the role may not do this.
inline constexpr std::string_view kInsufficientPrivilege = "42501";
inline constexpr std::string_view kReadOnly = "25006";
inline constexpr std::string_view kQueryCanceled = "57014";
inline constexpr std::string_view kInFailedTransaction = "25P02";
inline constexpr std::string_view kNoSuchStatement = "26000";
inline constexpr std::string_view kStatementExists = "42P05";
// A prepared statement no longer fits its tables: they were changed by a migration.
inline constexpr std::string_view kFeatureNotSupported = "0A000";

}  // namespace matricula::storage::postgres
