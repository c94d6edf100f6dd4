#include "records/uuid.h"

#include "base/assert.h"
#include "base/text.h"

namespace matricula::records {
namespace {

unsigned hex_value(char c) {
  return static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

}  // namespace

bool read_uuid(std::string_view text, UuidBytes& out) {
  if (!is_uuid(text)) {
    return false;
  }
  std::size_t i = 0;
  for (std::byte& byte : out) {
    i += text[i] == '-' ? 1 : 0;
    byte = static_cast<std::byte>(hex_value(text[i]) << 4 | hex_value(text[i + 1]));
    i += 2;
  }
  return true;
}

void append_uuid(std::string& out, std::span<const std::byte> uuid) {
  constexpr std::string_view kHex = "0123456789abcdef";
  MATRICULA_ASSERT(uuid.size() == 16);
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) {
      out += '-';
    }
    out += kHex[std::to_integer<unsigned>(uuid[i]) >> 4];
    out += kHex[std::to_integer<unsigned>(uuid[i]) & 15];
  }
}

}  // namespace matricula::records
