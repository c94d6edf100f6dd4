#include "storage/sqlite/error.h"

#include <cerrno>
#include <fmt/format.h>

#include "storage/limits.h"

namespace matricula::storage::sqlite {

namespace {

struct Meaning {
  ErrorCode code;
  std::string_view message;
};

Meaning meaning(int extended_code) {
  switch (extended_code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorCode::kUnavailable, "The store is busy. Try again later."};
    case SQLITE_FULL:
      return {ErrorCode::kUnavailable, "The store has no space left."};
    case SQLITE_NOMEM:
      return {ErrorCode::kUnavailable, "The store is out of memory. Try again later."};
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return {ErrorCode::kUnavailable, "The store cannot be opened or written."};
    case SQLITE_CONSTRAINT:
      return {ErrorCode::kConflict, "The change conflicts with what is stored."};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
      return {ErrorCode::kCorrupt, "The store is damaged. Restore a backup."};
    case SQLITE_IOERR:
      switch (extended_code) {
        case SQLITE_IOERR_NOMEM:
          return meaning(SQLITE_NOMEM);
        case SQLITE_IOERR_SHMSIZE:  // the index of the log could not be made larger
          return meaning(SQLITE_FULL);
        default:
          return {ErrorCode::kIo, "The store could not be read or written."};
      }
    case SQLITE_INTERRUPT:
      return {ErrorCode::kTimeout, "The request took longer than its limit."};
    case SQLITE_TOOBIG:
      return {ErrorCode::kLimitExceeded, "A value is too long for the store."};
    default:
      return {ErrorCode::kInternal, "The store could not do this."};
  }
}

}  // namespace

Error make_error(int extended_code, std::string_view detail, std::string_view context) {
  const Meaning found = meaning(extended_code);
  std::string internal = fmt::format("sqlite {}: {}", extended_code, detail);
  if (!context.empty()) {
    internal += fmt::format("; in: {}", context.substr(0, kErrorTextBytesMax));
  }
  return Error{
      .code = found.code, .message = std::string(found.message), .internal = std::move(internal)};
}

Error last_error(sqlite3* connection, std::string_view context) {
  Error error =
      make_error(sqlite3_extended_errcode(connection), sqlite3_errmsg(connection), context);
  const int cause = sqlite3_system_errno(connection);
  const int code = sqlite3_errcode(connection);
  if (code == SQLITE_CANTOPEN && (cause == EMFILE || cause == ENFILE)) {
    error.message = "Too many files are open. Raise the limit (ulimit -n, LimitNOFILE=).";
  }
  // Files beside the store's are not of the kind that SQLITE_FULL is about.
  if ((code == SQLITE_IOERR || code == SQLITE_CANTOPEN) && (cause == ENOSPC || cause == EDQUOT)) {
    const Meaning full = meaning(SQLITE_FULL);
    error.code = full.code;
    error.message = full.message;
  }
  return error;
}

Error moved_error(std::string_view file) {
  return {.code = ErrorCode::kUnavailable,
          .message = "The store cannot be written until it is opened again.",
          .internal = fmt::format("the file {} was removed or replaced while in use; restart every "
                                  "program that uses the store",
                                  file)};
}

}  // namespace matricula::storage::sqlite
