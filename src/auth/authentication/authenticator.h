#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "auth/authentication/token_cache.h"
#include "auth/callers/principal.h"
#include "auth/issuer/jwks_source.h"
#include "auth/issuer/jwt.h"
#include "auth/secrets/secrets.h"
#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

// What a request to the tokens endpoint or to /auth brought to prove who sends it.
struct Presented {
  std::optional<std::string_view> authorization = {};   // the header
  std::optional<std::string_view> session_cookie = {};  // the cookie's value
  std::optional<std::string_view> csrf_token = {};      // the X-CSRF-Token header
};

// Finds the principal of a request. All refusals are kUnauthenticated with the texts of the
// contract: `no Authorization header`, `token not found`, `token is no longer valid`. kUnavailable
// and the like come from the store alone.
//
// One object for each thread, made there: it owns a read session and a cache, so that no request
// waits for another. A revocation by any process holds from the next call on, because every
// answer from the cache is checked against Database::generation().
class Authenticator {
 public:
  // All must outlive it. A JWT of `outside`, if that is set, is a login of the user that it names.
  static Result<std::unique_ptr<Authenticator>> open(storage::Database& database,
                                                     const Secrets& secrets, const Clock& clock,
                                                     const JwksSource* outside = nullptr);

  // `Authorization: Token <token>` of a data endpoint.
  Result<std::shared_ptr<const Principal>> data_principal(
      std::optional<std::string_view> authorization);

  // The cached principal without a freshness check (no I/O); the caller must revalidate its
  // generation. nullopt on a miss.
  std::optional<TokenCache::Hit> cached_principal(std::optional<std::string_view> authorization);

  // `Authorization: Bearer <JWT>`, or the session cookie with its CSRF token. The header wins.
  Result<std::shared_ptr<const Principal>> user_principal(const Presented& presented);

  // The data API: `Token`, `Bearer` with an API token or a JWT, or `Basic` with a client id and its
  // secret; without the header the session cookie alone, which is to be presented only where the
  // browser says that the person asked. Of a wrong pair: kUnauthenticated `invalid client
  // credentials`, whatever is wrong with it.
  Result<std::shared_ptr<const Principal>> any_principal(const Presented& presented);

  // The session cookie with its CSRF token alone: /auth/refresh and /auth/logout.
  Result<std::shared_ptr<const Principal>> session_principal(const Presented& presented);

 private:
  Authenticator(storage::Database& database, const Secrets& secrets, const Clock& clock,
                const JwksSource* outside, std::unique_ptr<storage::Session> session);
  Result<std::shared_ptr<const Principal>> jwt_principal(std::string_view jwt);
  Result<std::shared_ptr<const Principal>> cookie_principal(std::string_view cookie);
  Result<std::shared_ptr<const Principal>> pair_principal(std::string_view encoded);
  Result<std::shared_ptr<const Principal>> outside_principal(std::string_view jwt, Timestamp now);

  const Secrets& secrets_;
  const Clock& clock_;
  const JwksSource* outside_;
  std::unique_ptr<storage::Session> session_;
  TokenCache cache_;
};

}  // namespace matricula::auth
