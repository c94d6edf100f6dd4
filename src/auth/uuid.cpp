#include "auth/uuid.h"

#include <algorithm>
#include <cstring>
#include <sodium.h>

#include "base/text.h"

namespace matricula::auth {
namespace {

constexpr std::array<std::size_t, 4> kHyphens = {8, 13, 18, 23};

int hex_value(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  return (c | 0x20) - 'a' + 10;
}

}  // namespace

Uuid new_uuid() {
  Uuid uuid;
  randombytes_buf(uuid.value.data(), uuid.value.size());
  // RFC 9562, section 5.4: version 4 and the variant.
  uuid.value[6] = (uuid.value[6] & std::byte{0x0f}) | std::byte{0x40};
  uuid.value[8] = (uuid.value[8] & std::byte{0x3f}) | std::byte{0x80};
  return uuid;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (!is_uuid(text)) {
    return std::nullopt;
  }
  Uuid uuid;
  std::size_t digit = 0;
  for (const char c : text) {
    if (c != '-') {
      std::byte& byte = uuid.value[digit / 2];
      byte = (byte << 4) | static_cast<std::byte>(hex_value(c));
      ++digit;
    }
  }
  return uuid;
}

std::string uuid_text(const Uuid& uuid) {
  std::string text = to_hex({reinterpret_cast<const char*>(uuid.value.data()), uuid.value.size()});
  for (const std::size_t place : kHyphens) {
    text.insert(place, 1, '-');
  }
  return text;
}

Uuid uuid_of(storage::Bytes bytes) {
  Uuid uuid;
  if (bytes.size() == uuid.value.size()) {
    std::copy(bytes.begin(), bytes.end(), uuid.value.begin());
  }
  return uuid;
}

}  // namespace matricula::auth
