#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace matricula {

// A UUID in the 16 bytes that stores keep; its text is the 8-4-4-4-12 form of RFC 9562.
using UuidBytes = std::array<std::byte, 16>;

inline constexpr std::size_t kUuidTextBytes = 36;

// Reads digits in either case; nullopt where the text is not that form.
std::optional<UuidBytes> read_uuid(std::string_view text);

// Writes kUuidTextBytes characters, in lower case, whatever a damaged store holds: 16 bytes of it.
void format_uuid(std::span<const std::byte> uuid, char* out);
std::string uuid_text(std::span<const std::byte> uuid);

}  // namespace matricula
