#include "auth/authentication/authenticator.h"

#include <algorithm>
#include <sodium.h>

#include "auth/authentication/credential_lookup.h"
#include "auth/authentication/sessions.h"
#include "auth/callers/errors.h"
#include "auth/issuer/jws.h"
#include "auth/issuer/jwt.h"
#include "auth/schema/directory.h"
#include "auth/secrets/secret_text.h"
#include "base/ascii.h"

namespace matricula::auth {
namespace {

// What follows the scheme, whose case does not matter (RFC 9110, section 11.1); nothing when the
// header is of another scheme.
std::optional<std::string_view> after_scheme(std::string_view header, std::string_view scheme) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  if (header.size() <= scheme.size() || !is_blank(header[scheme.size()]) ||
      !std::equal(scheme.begin(), scheme.end(), header.begin(),
                  [](char a, char b) { return ascii_lower(a) == ascii_lower(b); })) {
    return std::nullopt;
  }
  const std::size_t start = header.find_first_not_of(" \t", scheme.size());
  return start == std::string_view::npos ? std::string_view() : header.substr(start);
}

// Base64 of RFC 4648 section 4, padded or not.
std::optional<std::string> decode_base64(std::string_view text) {
  std::string out(text.size(), '\0');
  std::size_t size = 0;
  for (const int variant :
       {sodium_base64_VARIANT_ORIGINAL, sodium_base64_VARIANT_ORIGINAL_NO_PADDING}) {
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(),
                          text.size(), nullptr, &size, nullptr, variant) == 0) {
      out.resize(size);
      return out;
    }
  }
  return std::nullopt;
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

std::optional<TokenCache::Hit> Authenticator::cached_principal(
    std::optional<std::string_view> authorization) {
  const auto token = authorization ? after_scheme(*authorization, "Token") : std::nullopt;
  return token ? cache_.hit(*token, clock_.now()) : std::nullopt;
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
  return cookie_principal(*presented.session_cookie);
}

Result<std::shared_ptr<const Principal>> Authenticator::any_principal(const Presented& presented) {
  if (!presented.authorization) {
    return presented.session_cookie
               ? cookie_principal(*presented.session_cookie)
               : Result<std::shared_ptr<const Principal>>(fail(no_authorization()));
  }
  if (const auto pair = after_scheme(*presented.authorization, "Basic")) {
    return pair_principal(*pair);
  }
  const auto token = after_scheme(*presented.authorization, "Token");
  if (token) {
    return cache_.find(*token, clock_.now(), *session_);
  }
  const auto bearer = after_scheme(*presented.authorization, "Bearer");
  if (!bearer) {
    return fail(token_not_found());
  }
  return is_token_text(*bearer) ? cache_.find(*bearer, clock_.now(), *session_)
                                : jwt_principal(*bearer);
}

// A client id and a secret as RFC 7617 encodes them. Text that is neither is not looked up.
Result<std::shared_ptr<const Principal>> Authenticator::pair_principal(std::string_view encoded) {
  const auto pair = decode_base64(encoded);
  const std::size_t colon = pair ? pair->find(':') : std::string::npos;
  if (colon != std::string::npos) {
    const std::string_view id = std::string_view(*pair).substr(0, colon);
    const std::string_view secret = std::string_view(*pair).substr(colon + 1);
    if (is_client_id_text(id) && is_client_secret_text(secret)) {
      const Digest digest = secrets_.digest(DigestKind::kClientSecret, secret);
      MATRICULA_TRY(auto principal, credential_principal(*session_, id, digest, clock_.now()));
      if (principal != nullptr) {
        return principal;
      }
    }
  }
  return fail(ErrorCode::kUnauthenticated, invalid_client_credentials().message);
}

Result<std::shared_ptr<const Principal>> Authenticator::cookie_principal(std::string_view cookie) {
  // Only a login makes a cookie and its CSRF token: one that is not in the store has ended.
  const Digest digest = secrets_.digest(DigestKind::kSession, cookie);
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
