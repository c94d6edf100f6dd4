#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/uuid.h"
#include "storage/database.h"

namespace matricula::auth {

// The 16 bytes of a UUID, as the store keeps them.
struct Uuid {
  UuidBytes value = {};
  bool operator==(const Uuid&) const = default;
  // In place of <=>, in which clang-tidy 14 sees a null pointer.
  bool operator<(const Uuid& other) const { return value < other.value; }
  storage::Bytes bytes() const { return value; }
};

// A new random UUID (version 4).
Uuid new_uuid();
// Reads the 8-4-4-4-12 form in either case.
std::optional<Uuid> parse_uuid(std::string_view text);
// Lower case.
std::string uuid_text(const Uuid& uuid);
// Of a column that holds 16 bytes; the nil UUID of one that does not.
Uuid uuid_of(storage::Bytes bytes);

}  // namespace matricula::auth
