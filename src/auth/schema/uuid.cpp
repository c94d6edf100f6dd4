#include "auth/schema/uuid.h"

#include <algorithm>
#include <sodium.h>

namespace matricula::auth {

Uuid new_uuid() {
  Uuid uuid;
  randombytes_buf(uuid.value.data(), uuid.value.size());
  // RFC 9562, section 5.4: version 4 and the variant.
  uuid.value[6] = (uuid.value[6] & std::byte{0x0f}) | std::byte{0x40};
  uuid.value[8] = (uuid.value[8] & std::byte{0x3f}) | std::byte{0x80};
  return uuid;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  const auto bytes = read_uuid(text);
  return bytes ? std::optional(Uuid{*bytes}) : std::nullopt;
}

std::string uuid_text(const Uuid& uuid) {
  return matricula::uuid_text(uuid.value);
}

Uuid uuid_of(storage::Bytes bytes) {
  Uuid uuid;
  if (bytes.size() == uuid.value.size()) {
    std::copy(bytes.begin(), bytes.end(), uuid.value.begin());
  }
  return uuid;
}

}  // namespace matricula::auth
