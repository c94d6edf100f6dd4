#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace matricula::tables {

// How the rows of a table are written.
enum class Format : std::uint8_t { kNdjson, kCsv, kParquet };

// All formats.
std::span<const Format> formats();
// Its name, which is also the ending of its files: "ndjson".
std::string_view format_name(Format format);
// By name; nullopt for none.
std::optional<Format> find_format(std::string_view name);

}  // namespace matricula::tables
