#include "storage/postgres/connect_error.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

#include "storage/postgres/error.h"

namespace matricula::storage::postgres {
namespace {

struct ServerError {
  std::string_view sqlstate;
  std::string_view text;
};

bool is_sqlstate(std::string_view text) {
  return text.size() == 5 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
         });
}

// "FATAL:  28P01: password authentication failed for user "x"", where the first word is in the
// server's language. Of several attempts, such as with TLS and without, the first.
std::optional<ServerError> server_error(std::string_view libpq_text) {
  constexpr std::string_view kBefore = ":  ";
  for (std::size_t at = libpq_text.find(kBefore); at != std::string_view::npos;
       at = libpq_text.find(kBefore, at + 1)) {
    std::string_view rest = libpq_text.substr(at + kBefore.size());
    if (rest.size() > 7 && is_sqlstate(rest.substr(0, 5)) && rest.substr(5, 2) == ": ") {
      return ServerError{.sqlstate = rest.substr(0, 5),
                         .text = rest.substr(7, rest.find('\n') - 7)};
    }
  }
  return std::nullopt;
}

// Libpq's own reason, without the place, which our messages name already.
std::string_view own_reason(std::string_view libpq_text) {
  constexpr std::string_view kPlaceEnd = " failed: ";
  if (const std::size_t end = libpq_text.find(kPlaceEnd);
      libpq_text.starts_with("connection to server ") && end != std::string_view::npos) {
    libpq_text.remove_prefix(end + kPlaceEnd.size());
  }
  return libpq_text.substr(0, libpq_text.find('\n'));
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string_view role_of(const Address& address) {
  const std::string_view role = address.option("user");
  return role.empty() ? "(the user of this process)" : role;
}

Error refused(std::string message) {
  return {.code = ErrorCode::kUnauthorized, .message = std::move(message)};
}

Error later(std::string message) {
  return {.code = ErrorCode::kUnavailable, .message = std::move(message)};
}

// PostgreSQL's manual, appendix A, "PostgreSQL Error Codes".
Error from_server(const ServerError& error, const Address& address) {
  const auto is = [&error](std::string_view prefix) { return error.sqlstate.starts_with(prefix); };
  if (is("28P01")) {
    return refused(
        fmt::format("The password of the role \"{}\" is wrong, or there is no such "
                    "role.",
                    role_of(address)));
  }
  if (is("28")) {
    return refused(
        fmt::format("The server refuses the role \"{}\": {}.", role_of(address), error.text));
  }
  if (is("3D")) {
    return {.code = ErrorCode::kNotFound,
            .message = fmt::format("There is no such database: {}. Make it with CREATE DATABASE, "
                                   "or correct the address.",
                                   error.text)};
  }
  if (is(kInsufficientPrivilege)) {
    return refused(fmt::format("The role \"{}\" may not connect to this database: {}.",
                               role_of(address), error.text));
  }
  if (is("53300")) {
    return later(
        fmt::format("The server takes no more connections: {}. Raise its "
                    "max_connections, or lower --workers of the nodes.",
                    error.text));
  }
  if (is("57P03") || is("57P01") || is("57P02")) {
    return later(fmt::format("The server is starting or stopping: {}.", error.text));
  }
  if (contains(error.text, "no such database")) {  // poolers have no SQLSTATE for it
    return {.code = ErrorCode::kNotFound,
            .message = fmt::format("There is no such database: {}.", error.text)};
  }
  if (contains(error.text, "no such user") || contains(error.text, "password")) {
    return refused(fmt::format("The server refuses the role \"{}\" or its password: {}.",
                               role_of(address), error.text));
  }
  return is("08") || is("53") || is("57")
             ? later(fmt::format("The server refuses the connection: {}.", error.text))
             : refused(fmt::format("The server refuses the connection: {}.", error.text));
}

Error from_libpq(std::string_view reason, const Address& address) {
  if (contains(reason, "no password supplied")) {
    return refused(
        fmt::format("The server asks for the password of the role \"{}\", and there is "
                    "none. Write it into the address, PGPASSWORD or a password file.",
                    role_of(address)));
  }
  // A server that is being started may end a TLS handshake; a wrong certificate stays wrong.
  const bool is_tls = contains(reason, "SSL") || contains(reason, "certificate");
  if (is_tls && !contains(reason, "SYSCALL") && !contains(reason, "closed")) {
    return refused(fmt::format("No TLS connection can be made: {}.", reason));
  }
  if (reason == "session is read-only" || contains(reason, "hot standby mode")) {
    return later(fmt::format("The server is not what target_session_attrs asks for: {}.", reason));
  }
  if (contains(reason, "invalid") || contains(reason, "unrecognized")) {
    return {.code = ErrorCode::kUsage,
            .message = fmt::format("The address cannot be used: {}.", reason)};
  }
  return later(fmt::format("The server cannot be reached: {}.", reason));
}

}  // namespace

Error connect_error(std::string_view libpq_text, const Address& address) {
  if (const std::optional<ServerError> found = server_error(libpq_text)) {
    Error error = from_server(*found, address);
    error.internal = fmt::format("postgresql {}: {}", found->sqlstate, found->text);
    return error;
  }
  const std::string_view reason = own_reason(libpq_text);
  Error error = from_libpq(reason, address);
  error.internal = fmt::format("postgresql: {}", reason);
  return error;
}

bool may_mend_itself(const Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kTimeout;
}

bool is_full(const Error& error) {
  // Poolers have other codes for it.
  return error.internal.starts_with("postgresql 53300") ||
         contains(error.internal, "no more connections allowed");
}

Error for_clients(const Error& error) {
  if (is_full(error)) {
    return make_error("53300", error.message, "");
  }
  return lost_error(error.message);
}

}  // namespace matricula::storage::postgres
