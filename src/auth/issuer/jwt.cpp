#include "auth/issuer/jwt.h"

#include <array>
#include <optional>

#include "auth/callers/errors.h"
#include "auth/issuer/jws.h"
#include "base/text.h"
#include "json/value.h"

namespace matricula::auth {
namespace {

constexpr std::string_view kIssuer = "matricula";
constexpr std::string_view kAudience = "matricula";

std::string_view text_of(const std::array<unsigned char, 64>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_text(const json::Value& object, std::string_view name, std::string_view expected) {
  return text_member(object, name) == expected;
}

std::optional<Uuid> uuid_member(const json::Value& object, std::string_view name) {
  const auto text = text_member(object, name);
  return text ? parse_uuid(*text) : std::nullopt;
}

bool is_our_header(const json::Value& header, const Secrets& secrets) {
  return is_text(header, "alg", "EdDSA") && is_text(header, "typ", "JWT") &&
         is_text(header, "kid", secrets.key_id());
}

}  // namespace

std::string sign_jwt(const Secrets& secrets, const JwtClaims& claims) {
  // No member's value needs escaping.
  const std::string header = R"({"alg":"EdDSA","typ":"JWT","kid":")" + secrets.key_id() + R"("})";
  std::string payload = R"({"iss":")";
  payload.append(kIssuer).append(R"(","aud":")").append(kAudience);
  payload.append(R"(","sub":")").append(uuid_text(claims.user_id));
  payload.append(R"(","sid":")").append(uuid_text(claims.session_id));
  payload.append(R"(","iat":)").append(std::to_string(claims.issued_at / kMicrosPerSecond));
  payload.append(R"(,"exp":)").append(std::to_string(claims.expires_at / kMicrosPerSecond));
  payload.append("}");
  std::string jwt = to_base64url(header) + "." + to_base64url(payload);
  const auto signature = secrets.sign(jwt);
  return jwt + "." + to_base64url(text_of(signature));
}

Result<JwtClaims> verify_jwt(const Secrets& secrets, std::string_view jwt, Timestamp now) {
  const auto jws = read_jws(jwt);
  if (!jws || !is_our_header(jws->header, secrets) ||
      !secrets.is_signature(jws->signature, jws->signed_part)) {
    return fail(token_not_found());
  }
  const auto payload = read_claims(jws->payload);
  if (!payload || !is_text(*payload, "iss", kIssuer) || !is_text(*payload, "aud", kAudience)) {
    return fail(token_not_found());
  }
  const auto user_id = uuid_member(*payload, "sub");
  const auto session_id = uuid_member(*payload, "sid");
  const auto issued_at = time_member(*payload, "iat");
  const auto expires_at = time_member(*payload, "exp");
  if (!user_id || !session_id || !issued_at || !expires_at) {
    return fail(token_not_found());
  }
  if (now >= *expires_at) {
    return fail(token_ended());
  }
  return JwtClaims{.user_id = *user_id,
                   .session_id = *session_id,
                   .issued_at = *issued_at,
                   .expires_at = *expires_at};
}

}  // namespace matricula::auth
