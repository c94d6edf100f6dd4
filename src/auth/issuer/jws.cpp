#include "auth/issuer/jws.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/text.h"

namespace matricula::auth {
namespace {

constexpr double kSecondsMax = 253'402'300'799;  // 9999-12-31T23:59:59Z
// Claims that are not used need not be valid texts: some providers truncate names in the middle of
// a surrogate pair.
constexpr json::ReadLimits kReadLimits{.nesting = 64, .keeps_halves = true};

// The three parts between the dots; nothing when there are not three.
std::optional<std::array<std::string_view, 3>> parts_of(std::string_view jwt) {
  const std::size_t first = jwt.find('.');
  const std::size_t second =
      first == std::string_view::npos ? std::string_view::npos : jwt.find('.', first + 1);
  if (second == std::string_view::npos || jwt.find('.', second + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  return std::array{jwt.substr(0, first), jwt.substr(first + 1, second - first - 1),
                    jwt.substr(second + 1)};
}

std::optional<double> seconds_of(std::string_view number) {
  double seconds = 0;
  const char* end = number.data() + number.size();
  const auto [rest, problem] = std::from_chars(number.data(), end, seconds);
  if (problem == std::errc::result_out_of_range && rest == end) {
    // Too near to zero or too far from it.
    return number.find("e-") != std::string_view::npos ||
                   number.find("E-") != std::string_view::npos
               ? 0
           : number.starts_with('-') ? -kSecondsMax
                                     : kSecondsMax;
  }
  const bool is_number = problem == std::errc() && rest == end && std::isfinite(seconds);
  return is_number ? std::optional(seconds) : std::nullopt;
}

}  // namespace

std::optional<Jws> read_jws(std::string_view text) {
  const auto parts = parts_of(text);
  if (!parts) {
    return std::nullopt;
  }
  Jws jws{.header = {},
          .payload = {},
          .signature = {},
          .signed_part = text.substr(0, text.size() - (*parts)[2].size() - 1)};
  std::string header;
  if (!from_base64url((*parts)[0], header) || !from_base64url((*parts)[1], jws.payload) ||
      !from_base64url((*parts)[2], jws.signature)) {
    return std::nullopt;
  }
  auto object = read_claims(header);
  if (!object || object->member("crit") != nullptr) {
    return std::nullopt;
  }
  jws.header = std::move(*object);
  return jws;
}

std::optional<json::Value> read_claims(std::string_view payload) {
  auto value = json::read(payload, kReadLimits);
  if (!value || value->object() == nullptr) {
    return std::nullopt;
  }
  return std::move(*value);
}

std::optional<std::string_view> text_member(const json::Value& object, std::string_view name) {
  const json::Value* member = object.member(name);
  const auto* text = member == nullptr ? nullptr : std::get_if<std::string>(&member->data);
  return text == nullptr || !is_utf8(*text) ? std::nullopt : std::optional<std::string_view>(*text);
}

std::optional<Timestamp> time_member(const json::Value& object, std::string_view name) {
  const json::Value* member = object.member(name);
  const auto* number =
      member == nullptr ? nullptr : std::get_if<json::Value::Number>(&member->data);
  const auto seconds = seconds_of(number != nullptr ? std::string_view(number->text)
                                                    : text_member(object, name).value_or(""));
  if (!seconds) {
    return std::nullopt;
  }
  return static_cast<Timestamp>(std::clamp(*seconds, 0.0, kSecondsMax) * kMicrosPerSecond);
}

}  // namespace matricula::auth
