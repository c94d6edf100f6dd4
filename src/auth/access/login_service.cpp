#include "auth/access/login_service.h"

#include "auth/authentication/sessions.h"
#include "auth/callers/errors.h"
#include "auth/schema/directory.h"
#include "auth/secrets/secret_text.h"
#include "base/text.h"
#include "records/limits.h"

namespace matricula::auth {
namespace {

ratelimit::LimiterOptions failure_limits() {
  ratelimit::LimiterOptions options = seeded_limits(kLoginFailuresMax);
  options.identities_max = 100'000;
  return options;
}

Principal as_user(const Uuid& id) {
  return {.kind = PrincipalKind::kUser, .user_id = id};
}

}  // namespace

LoginService::LoginService(storage::Database& database, const Secrets& secrets,
                           PasswordHasher& hasher, Refusals& refusals, const Clock& clock)
    : database_(database),
      secrets_(secrets),
      hasher_(hasher),
      refusals_(refusals),
      clock_(clock),
      limits_(failure_limits(), database, clock) {}

Result<LoginAnswer> LoginService::login(storage::Session& reader, std::string_view email,
                                        std::string_view password, std::string_view address,
                                        std::chrono::nanoseconds write_until) {
  const bool can_be_email = is_utf8(email) && email.size() <= records::kEmailBytesMax;
  const std::string counted = can_be_email ? to_lower(email) : std::string();
  using ratelimit::IdentityKind;
  const Identities identities{
      .failures = ratelimit::address_identity(IdentityKind::kAddressAndEmail, address, counted),
      .logins = ratelimit::identity_of(IdentityKind::kLogin, counted)};
  if (const auto allowed = peek(identities); !allowed.admitted) {
    return LoginAnswer{.allowed = allowed};
  }
  std::optional<Person> person;
  if (can_be_email) {
    MATRICULA_TRY(person, find_person(reader, email));
  }
  const std::string hash = person ? person->password_hash : std::string();
  MATRICULA_TRY(const bool is_right, hasher_.verify(hash, password));
  if (!is_right) {
    const Principal anonymous;
    refusals_.add({.principal = anonymous, .address = std::string(address)},
                  {.action = "user.login", .target = person ? uuid_text(person->id) : ""});
    // Concurrent guesses all passed peek(); those past the limit get no answer either.
    const auto allowed = limits_.admit(identities.failures, clock_.monotonic());
    return allowed.admitted ? Result<LoginAnswer>(fail(invalid_login()))
                            : LoginAnswer{.allowed = allowed};
  }
  if (const auto allowed = limits_.peek(identities.failures, clock_.monotonic());
      !allowed.admitted) {
    return LoginAnswer{.allowed = allowed};
  }
  if (const auto allowed = limits_.admit(identities.logins, clock_.monotonic(), kLoginsMax);
      !allowed.admitted) {
    return LoginAnswer{.allowed = allowed};
  }
  MATRICULA_TRY(LoggedIn login, open_session(*person, address, write_until));
  return LoginAnswer{.allowed = {}, .login = std::move(login)};
}

ratelimit::Decision LoginService::peek(const Identities& identities) {
  const auto now = clock_.monotonic();
  const ratelimit::Decision failures = limits_.peek(identities.failures, now);
  return failures.admitted ? limits_.peek(identities.logins, now, kLoginsMax) : failures;
}

Result<LoggedIn> LoginService::open_session(const Person& person, std::string_view address,
                                            std::chrono::nanoseconds write_until) {
  const Timestamp now = clock_.now();
  const std::string cookie = new_session_text();
  const SessionInsert session{.id = new_uuid(),
                              .digest = secrets_.digest(DigestKind::kSession, cookie),
                              .user_id = person.id,
                              .created_at = now,
                              .expires_at = now + kSessionSeconds * kMicrosPerSecond};
  const Principal principal = as_user(person.id);
  auto written = database_.write_keeping_caches(
      write_until, [&](storage::Session& transaction) -> Result<void> {
        // The password may have changed while it was hashed.
        MATRICULA_TRY(const auto still, find_person(transaction, person.id));
        if (!still || still->password_hash != person.password_hash) {
          return fail(invalid_login());
        }
        MATRICULA_CHECK(insert_session(transaction, session));
        return write_audit(
            transaction, audit_row({.principal = principal, .address = std::string(address)},
                                   {.action = "user.login", .target = uuid_text(person.id)}, now));
      });
  MATRICULA_CHECK(std::move(written));
  LoggedIn login = logged_in(person.id, session.id, csrf_token(secrets_, cookie));
  login.session_cookie = cookie;
  return login;
}

Result<LoggedIn> LoginService::refresh(const Principal& principal, std::string_view csrf_token) {
  if (principal.kind != PrincipalKind::kUser) {
    return fail(no_session());
  }
  return logged_in(principal.user_id, principal.session_id, std::string(csrf_token));
}

Result<void> LoginService::logout(const Caller& caller) {
  const Principal& principal = caller.principal;
  if (principal.kind != PrincipalKind::kUser) {
    return fail(no_session());
  }
  if (principal.session_id == Uuid()) {
    return fail(ErrorCode::kUnauthenticated,
                "This JWT is not of a session of this server: end the session at its provider.");
  }
  return database_.write_access(
      caller.write_until, [&](storage::Session& transaction) -> Result<void> {
        MATRICULA_CHECK(end_session(transaction, principal.session_id));
        return write_audit(
            transaction,
            audit_row(caller, {.action = "user.logout", .target = uuid_text(principal.user_id)},
                      clock_.now()));
      });
}

LoggedIn LoginService::logged_in(const Uuid& user_id, const Uuid& session_id,
                                 std::string csrf_token) const {
  const Timestamp now = clock_.now();
  return {.user_id = user_id,
          .token = sign_jwt(secrets_, {.user_id = user_id,
                                       .session_id = session_id,
                                       .issued_at = now,
                                       .expires_at = now + kJwtSeconds * kMicrosPerSecond}),
          .expires_in = kJwtSeconds,
          .csrf_token = std::move(csrf_token)};
}

}  // namespace matricula::auth
