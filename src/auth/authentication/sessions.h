#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/callers/principal.h"
#include "auth/secrets/secrets.h"
#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

// The value of X-CSRF-Token that must accompany a session cookie: a digest of the cookie. It is
// sent in the body of the login's response alone.
std::string csrf_token(const Secrets& secrets, std::string_view session_cookie);
bool is_csrf_token(const Secrets& secrets, std::string_view session_cookie,
                   std::string_view csrf_token);

struct SessionInsert {
  Uuid id;
  Digest digest;
  Uuid user_id;
  Timestamp created_at = 0;
  Timestamp expires_at = 0;
};

// Sessions that one person may have.
inline constexpr std::int64_t kSessionsOfUserMax = 100;

// Also drops sessions that have expired, and the person's oldest where there would be more than
// kSessionsOfUserMax.
Result<void> insert_session(storage::Session& transaction, const SessionInsert& session);
Result<void> end_session(storage::Session& transaction, const Uuid& id);
Result<void> end_sessions_of(storage::Session& transaction, const Uuid& user_id);

// A person with the roles of now, outside any session.
Result<std::shared_ptr<const Principal>> person_principal(storage::Session& reader,
                                                          const Uuid& user_id);

// The person of a session with the roles of now; null when the session has ended.
Result<std::shared_ptr<const Principal>> session_principal(storage::Session& reader,
                                                           const Uuid& session_id, Timestamp now);
Result<std::shared_ptr<const Principal>> session_principal(storage::Session& reader,
                                                           const Digest& digest, Timestamp now);

}  // namespace matricula::auth
