#include "auth/authentication/authenticator.h"

#include <algorithm>

#include "auth/authentication/sessions.h"
#include "auth/callers/errors.h"
#include "auth/issuer/jws.h"
#include "auth/issuer/jwt.h"
#include "auth/schema/directory.h"

namespace matricula::auth {
namespace {

// What follows the scheme, whose case does not matter (RFC 9110, section 11.1); nothing when the
// header is of another scheme.
std::optional<std::string_view> after_scheme(std::string_view header, std::string_view scheme) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  if (header.size() <= scheme.size() || !is_blank(header[scheme.size()]) ||
      !std::equal(scheme.begin(), scheme.end(), header.begin(),
                  [&](char a, char b) { return lower(a) == lower(b); })) {
    return std::nullopt;
  }
  const std::size_t start = header.find_first_not_of(" \t", scheme.size());
  return start == std::string_view::npos ? std::string_view() : header.substr(start);
}

bool names_our_key(const Secrets& secrets, std::string_view jwt) {
  const auto jws = read_jws(jwt);
  return jws && text_member(jws->header, "kid") == secrets.key_id();
}

}  // namespace

Result<std::unique_ptr<Authenticator>> Authenticator::open(storage::Database& database,
                                                           const Secrets& secrets,
                                                           const Clock& clock,
                                                           const JwksSource* outside) {
  MATRICULA_TRY(auto session, database.open_access_session());
  return std::unique_ptr<Authenticator>(
      new Authenticator(database, secrets, clock, outside, std::move(session)));
}

Authenticator::Authenticator(storage::Database& database, const Secrets& secrets,
                             const Clock& clock, const JwksSource* outside,
                             std::unique_ptr<storage::Session> session)
    : secrets_(secrets),
      clock_(clock),
      outside_(outside),
      session_(std::move(session)),
      cache_(database, secrets) {}

Result<std::shared_ptr<const Principal>> Authenticator::data_principal(
    std::optional<std::string_view> authorization) {
  if (!authorization) {
    return fail(no_authorization());
  }
  const auto token = after_scheme(*authorization, "Token");
  if (!token) {
    return fail(token_not_found());
  }
  return cache_.find(*token, clock_.now(), *session_);
}

std::optional<TokenCache::Remembered> Authenticator::remembered_principal(
    std::optional<std::string_view> authorization) {
  const auto token = authorization ? after_scheme(*authorization, "Token") : std::nullopt;
  return token ? cache_.remembered(*token, clock_.now()) : std::nullopt;
}

Result<std::shared_ptr<const Principal>> Authenticator::user_principal(const Presented& presented) {
  if (!presented.authorization) {
    return session_principal(presented);
  }
  const auto jwt = after_scheme(*presented.authorization, "Bearer");
  return jwt ? jwt_principal(*jwt)
             : Result<std::shared_ptr<const Principal>>(fail(token_not_found()));
}

Result<std::shared_ptr<const Principal>> Authenticator::session_principal(
    const Presented& presented) {
  if (!presented.session_cookie || !presented.csrf_token ||
      !is_csrf_token(secrets_, *presented.session_cookie, *presented.csrf_token)) {
    return fail(no_authorization());
  }
  // Only a login makes a cookie and its CSRF token: one that is not in the store has ended.
  const Digest digest = secrets_.digest(DigestKind::kSession, *presented.session_cookie);
  MATRICULA_TRY(auto principal, auth::session_principal(*session_, digest, clock_.now()));
  return principal != nullptr ? Result<std::shared_ptr<const Principal>>(std::move(principal))
                              : fail(token_ended());
}

Result<std::shared_ptr<const Principal>> Authenticator::jwt_principal(std::string_view jwt) {
  const Timestamp now = clock_.now();
  // The key's id only chooses the issuer; each verification checks the signature itself.
  if (outside_ != nullptr && !names_our_key(secrets_, jwt)) {
    return outside_principal(jwt, now);
  }
  MATRICULA_TRY(const JwtClaims claims, verify_jwt(secrets_, jwt, now));
  MATRICULA_TRY(auto principal, auth::session_principal(*session_, claims.session_id, now));
  if (principal == nullptr || principal->user_id != claims.user_id) {
    return fail(token_ended());
  }
  return principal;
}

Result<std::shared_ptr<const Principal>> Authenticator::outside_principal(std::string_view jwt,
                                                                          Timestamp now) {
  MATRICULA_TRY(const std::string email, verify_outside_jwt(*outside_->current(), jwt, now));
  MATRICULA_TRY(const auto person, find_person(*session_, email));
  return person ? person_principal(*session_, person->id)
                : Result<std::shared_ptr<const Principal>>(fail(token_not_found()));
}

}  // namespace matricula::auth
