#include "auth/jwt.h"

#include <array>
#include <charconv>
#include <optional>
#include <vector>

#include "auth/errors.h"
#include "base/text.h"
#include "json/value.h"

namespace matricula::auth {
namespace {

constexpr std::string_view kIssuer = "matricula";
constexpr std::string_view kAudience = "matricula";
constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr json::ReadLimits kReadLimits{.nesting = 8};

std::string_view text_of(const std::array<unsigned char, 64>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The three parts between the dots; nothing when there are not three.
std::optional<std::array<std::string_view, 3>> parts_of(std::string_view jwt) {
  const std::size_t first = jwt.find('.');
  const std::size_t second = first == jwt.npos ? jwt.npos : jwt.find('.', first + 1);
  if (second == jwt.npos || jwt.find('.', second + 1) != jwt.npos) {
    return std::nullopt;
  }
  return std::array{jwt.substr(0, first), jwt.substr(first + 1, second - first - 1),
                    jwt.substr(second + 1)};
}

// A part that must be a JSON object in base64url.
std::optional<json::Value> object_of(std::string_view part) {
  std::string text;
  if (!from_base64url(part, text)) {
    return std::nullopt;
  }
  auto value = json::read(text, kReadLimits);
  if (!value || value->object() == nullptr) {
    return std::nullopt;
  }
  return std::move(*value);
}

bool is_text(const json::Value& object, std::string_view name, std::string_view expected) {
  const json::Value* member = object.member(name);
  const auto* text = member == nullptr ? nullptr : std::get_if<std::string>(&member->data);
  return text != nullptr && *text == expected;
}

std::optional<Uuid> uuid_member(const json::Value& object, std::string_view name) {
  const json::Value* member = object.member(name);
  const auto* text = member == nullptr ? nullptr : std::get_if<std::string>(&member->data);
  return text == nullptr ? std::nullopt : parse_uuid(*text);
}

// Whole seconds of a year up to 9999.
std::optional<Timestamp> time_member(const json::Value& object, std::string_view name) {
  constexpr std::int64_t kSecondsMax = 253'402'300'799;
  const json::Value* member = object.member(name);
  const auto* number =
      member == nullptr ? nullptr : std::get_if<json::Value::Number>(&member->data);
  if (number == nullptr) {
    return std::nullopt;
  }
  std::int64_t seconds = 0;
  const char* end = number->text.data() + number->text.size();
  const auto [rest, problem] = std::from_chars(number->text.data(), end, seconds);
  if (problem != std::errc() || rest != end || seconds < 0 || seconds > kSecondsMax) {
    return std::nullopt;
  }
  return seconds * kMicrosPerSecond;
}

bool is_our_header(const json::Value& header, const Secrets& secrets) {
  return is_text(header, "alg", "EdDSA") && is_text(header, "typ", "JWT") &&
         is_text(header, "kid", secrets.key_id()) && header.member("crit") == nullptr;
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
  if (jwt.size() > kJwtBytesMax) {
    return fail(token_not_found());
  }
  const auto parts = parts_of(jwt);
  if (!parts) {
    return fail(token_not_found());
  }
  const auto header = object_of((*parts)[0]);
  std::string signature;
  if (!header || !is_our_header(*header, secrets) || !from_base64url((*parts)[2], signature)) {
    return fail(token_not_found());
  }
  const std::string_view signed_part = jwt.substr(0, (*parts)[0].size() + 1 + (*parts)[1].size());
  if (!secrets.is_signature(signature, signed_part)) {
    return fail(token_not_found());
  }
  const auto payload = object_of((*parts)[1]);
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
