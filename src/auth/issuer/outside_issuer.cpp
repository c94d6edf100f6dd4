#include "auth/issuer/outside_issuer.h"

#include <algorithm>

#include "auth/callers/errors.h"
#include "auth/issuer/jws.h"

namespace matricula::auth {
namespace {

// How far the issuer's clock may be ahead of ours.
constexpr Timestamp kSkew = 60'000'000;

bool is_for(const json::Value& claims, std::string_view audience) {
  const json::Value* member = claims.member("aud");
  const auto* several =
      member == nullptr ? nullptr : std::get_if<json::Value::Array>(&member->data);
  if (several == nullptr) {
    return text_member(claims, "aud") == audience;
  }
  return std::any_of(several->begin(), several->end(), [&](const json::Value& one) {
    const auto* text = std::get_if<std::string>(&one.data);
    return text != nullptr && *text == audience;
  });
}

bool is_type_of_ours(const json::Value& header) {
  const auto type = text_member(header, "typ");
  return header.member("typ") == nullptr || type == "JWT" || type == "at+jwt";
}

bool is_marked_unverified(const json::Value& claims) {
  const json::Value* member = claims.member("email_verified");
  const bool* verified = member == nullptr ? nullptr : std::get_if<bool>(&member->data);
  return member != nullptr && (verified == nullptr || !*verified);
}

}  // namespace

Result<std::string> verify_outside_jwt(const OutsideIssuer& issuer, std::string_view jwt,
                                       Timestamp now) {
  const auto jws = read_jws(jwt);
  const auto algorithm = jws ? text_member(jws->header, "alg") : std::nullopt;
  const auto key_id = jws ? text_member(jws->header, "kid") : std::nullopt;
  if (!algorithm || !key_id || !is_type_of_ours(jws->header) ||
      !issuer.keys.is_signature(*key_id, *algorithm, jws->signature, jws->signed_part)) {
    return fail(token_not_found());
  }
  const auto claims = read_claims(jws->payload);
  if (!claims || text_member(*claims, "iss") != issuer.issuer ||
      !is_for(*claims, issuer.audience) || is_marked_unverified(*claims)) {
    return fail(token_not_found());
  }
  const auto email = text_member(*claims, "email");
  const auto expires_at = time_member(*claims, "exp");
  const auto not_before = time_member(*claims, "nbf");
  if (!email || !expires_at ||
      (claims->member("nbf") != nullptr && (!not_before || *not_before > now + kSkew))) {
    return fail(token_not_found());
  }
  if (now >= *expires_at) {
    return fail(token_ended());
  }
  return std::string(*email);
}

}  // namespace matricula::auth
