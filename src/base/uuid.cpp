#include "base/uuid.h"

#include "base/text.h"

namespace matricula {
namespace {

// Whether a hyphen comes before this byte.
constexpr bool is_group_start(std::size_t byte) {
  return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

}  // namespace

std::optional<UuidBytes> read_uuid(std::string_view text) {
  if (text.size() != kUuidTextBytes) {
    return std::nullopt;
  }
  UuidBytes uuid;
  std::size_t at = 0;
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    if (is_group_start(i) && text[at++] != '-') {
      return std::nullopt;
    }
    const int high = hex_value(text[at++]);
    const int low = hex_value(text[at++]);
    if (high < 0 || low < 0) {
      return std::nullopt;
    }
    uuid[i] = static_cast<std::byte>(high << 4 | low);
  }
  return uuid;
}

void format_uuid(std::span<const std::byte> uuid, char* out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (std::size_t i = 0; i < std::tuple_size_v<UuidBytes>; ++i) {
    if (is_group_start(i)) {
      *out++ = '-';
    }
    const auto byte = i < uuid.size() ? std::to_integer<unsigned>(uuid[i]) : 0U;
    *out++ = kHex[byte >> 4];
    *out++ = kHex[byte & 15];
  }
}

std::string uuid_text(std::span<const std::byte> uuid) {
  std::string text(kUuidTextBytes, '\0');
  format_uuid(uuid, text.data());
  return text;
}

}  // namespace matricula
