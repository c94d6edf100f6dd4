#include "auth/issuer/outside_issuer.h"

#include <algorithm>
#include <optional>

#include "auth/callers/errors.h"
#include "auth/issuer/jws.h"
#include "base/text.h"

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

// RFC 7515, section 4.1.9: a media type in any case, of which "application/" may be left away.
bool is_type_of_ours(const json::Value& header) {
  const json::Value* member = header.member("typ");
  if (member == nullptr) {
    return true;
  }
  std::string type = to_lower(text_member(header, "typ").value_or(""));
  constexpr std::string_view kApplication = "application/";
  if (type.starts_with(kApplication)) {
    type.erase(0, kApplication.size());
  }
  return type == "jwt" || type == "at+jwt";
}

enum class Verified { kYes, kNo, kUnsaid };

// Some providers write the flag as text.
Verified email_verified(const json::Value& claims) {
  const json::Value* member = claims.member("email_verified");
  if (member == nullptr) {
    return Verified::kUnsaid;
  }
  const bool* flag = std::get_if<bool>(&member->data);
  const bool is_true = flag != nullptr ? *flag : text_member(claims, "email_verified") == "true";
  return is_true ? Verified::kYes : Verified::kNo;
}

bool is_believed(const OutsideIssuer& issuer, Verified verified) {
  switch (verified) {
    case Verified::kYes:
      return true;
    case Verified::kNo:
      return false;
    case Verified::kUnsaid:
      return !issuer.needs_email_verified;
  }
  return false;
}

// When a JWT expires: at `exp`, but no later than the issuer's lifetime allows. nullopt where a
// claim of time is missing or wrong.
std::optional<Timestamp> valid_until(const json::Value& claims, const OutsideIssuer& issuer,
                                     Timestamp now) {
  const auto expires_at = time_member(claims, "exp");
  if (!expires_at) {
    return std::nullopt;
  }
  for (const std::string_view name : {"iat", "nbf"}) {
    const auto time = time_member(claims, name);
    if (claims.member(name) != nullptr && (!time || *time > now + kSkew)) {
      return std::nullopt;
    }
  }
  // Without `iat` the lifetime is not known; the rest of it must be within the bound.
  const auto made_at = time_member(claims, "iat");
  if (!made_at) {
    return *expires_at <= now + issuer.lifetime_max ? expires_at : std::nullopt;
  }
  return std::min(*expires_at, *made_at + issuer.lifetime_max);
}

}  // namespace

Result<std::string> verify_outside_jwt(const OutsideIssuer& issuer, std::string_view jwt,
                                       Timestamp now) {
  const auto jws = read_jws(jwt);
  const auto algorithm = jws ? text_member(jws->header, "alg") : std::nullopt;
  if (!algorithm || !is_type_of_ours(jws->header) ||
      (jws->header.member("kid") != nullptr && !text_member(jws->header, "kid")) ||
      !issuer.keys.is_signature(text_member(jws->header, "kid"), *algorithm, jws->signature,
                                jws->signed_part)) {
    return fail(token_not_found());
  }
  const auto claims = read_claims(jws->payload);
  if (!claims || text_member(*claims, "iss") != issuer.issuer ||
      !is_for(*claims, issuer.audience) || !is_believed(issuer, email_verified(*claims))) {
    return fail(token_not_found());
  }
  const auto email = text_member(*claims, "email");
  const auto until = valid_until(*claims, issuer, now);
  if (!email || !until) {
    return fail(token_not_found());
  }
  if (now >= *until) {
    return fail(token_ended());
  }
  return std::string(*email);
}

}  // namespace matricula::auth
