#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "auth/callers/caller.h"
#include "auth/callers/principal.h"
#include "auth/issuer/jwt.h"
#include "auth/limits/request_limits.h"
#include "auth/schema/directory.h"
#include "auth/secrets/password.h"
#include "auth/secrets/secrets.h"
#include "auth/trail/refusals.h"
#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

inline constexpr std::int64_t kSessionSeconds = 43'200;
// In any 60 seconds, for a pair of an address and an e-mail.
inline constexpr std::uint32_t kLoginFailuresMax = 10;
// Logins that succeed, in any 60 seconds, for an e-mail: each hashes a password, which is slow on
// purpose. Only who knows the password can use them up.
inline constexpr std::uint32_t kLoginsMax = 100;

struct LoggedIn {
  Uuid user_id = {};
  std::string token;  // a JWT
  std::int64_t expires_in = 0;
  std::string csrf_token;
  std::string session_cookie = {};  // the cookie's value; only login() sets it
};

// A login where `allowed.admitted`, else a refusal of the limiter (429).
struct LoginAnswer {
  ratelimit::Decision allowed = {};
  LoggedIn login = {};
};

// Sessions of people. login() hashes a password: call it on a worker thread, never on an event
// loop. Safe to call from any thread; `reader` is the calling thread's.
class LoginService {
 public:
  LoginService(storage::Database& database, const Secrets& secrets, PasswordHasher& hasher,
               Refusals& refusals, const Clock& clock);

  // kUnauthenticated `invalid e-mail or password`, after the same work whichever of them is wrong.
  // `write_until`: until when it waits for the store's other writers.
  Result<LoginAnswer> login(storage::Session& reader, std::string_view email,
                            std::string_view password, std::string_view address,
                            std::chrono::nanoseconds write_until = storage::kNoDeadline);
  // A new JWT for the session of a principal that Authenticator::session_principal() gave;
  // `csrf_token` is the one that it came with.
  Result<LoggedIn> refresh(const Principal& principal, std::string_view csrf_token);
  // Ends the session and its JWTs at once.
  Result<void> logout(const Caller& caller);

 private:
  // What is left of the failures of an address and an e-mail, and of the e-mail's logins; a refusal
  // where either is used up.
  struct Identities {
    ratelimit::Identity failures;
    ratelimit::Identity logins;
  };
  ratelimit::Decision peek(const Identities& identities);
  Result<LoggedIn> open_session(const Person& person, std::string_view address,
                                std::chrono::nanoseconds write_until);
  LoggedIn logged_in(const Uuid& user_id, const Uuid& session_id, std::string csrf_token) const;

  storage::Database& database_;
  const Secrets& secrets_;
  PasswordHasher& hasher_;
  Refusals& refusals_;
  const Clock& clock_;
  RequestLimits limits_;
};

}  // namespace matricula::auth
