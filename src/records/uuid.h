#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace matricula::records {

using UuidBytes = std::array<std::byte, 16>;

// Reads the 8-4-4-4-12 form in either case. False, and `out` as it was, where it is not that.
bool read_uuid(std::string_view text, UuidBytes& out);
// Appends the 8-4-4-4-12 form in lower case. Precondition: 16 bytes.
void append_uuid(std::string& out, std::span<const std::byte> uuid);

}  // namespace matricula::records
