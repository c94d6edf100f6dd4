#pragma once

#include "base/result.h"

namespace matricula::auth {

// The refusals whose texts the contract fixes, no_session() apart; clients match on them.

inline Error no_authorization() {
  return {.code = ErrorCode::kUnauthenticated, .message = "no Authorization header"};
}
// Where a session alone counts, and Authorization does not.
inline Error no_session() {
  return {.code = ErrorCode::kUnauthenticated, .message = "no session"};
}
inline Error token_not_found() {
  return {.code = ErrorCode::kUnauthenticated, .message = "token not found"};
}
inline Error token_ended() {
  return {.code = ErrorCode::kUnauthenticated, .message = "token is no longer valid"};
}
inline Error not_authorized() {
  return {.code = ErrorCode::kUnauthorized, .message = "not authorized"};
}
inline Error invalid_client_credentials() {
  return {.code = ErrorCode::kUnauthorized, .message = "invalid client credentials"};
}
inline Error invalid_login() {
  return {.code = ErrorCode::kUnauthenticated, .message = "invalid e-mail or password"};
}

}  // namespace matricula::auth
