#include "graphql/language/diagnostic.h"

#include <algorithm>

namespace matricula::graphql {

Location location_at(std::string_view source, std::size_t offset) {
  Location location{.line = 1, .column = 1};
  offset = std::min(offset, source.size());
  for (std::size_t i = 0; i < offset; ++i) {
    const auto byte = static_cast<unsigned char>(source[i]);
    const bool ends_line =
        byte == '\n' || (byte == '\r' && (i + 1 == source.size() || source[i + 1] != '\n'));
    if (ends_line) {
      ++location.line;
      location.column = 1;
    } else if (byte < 0x80 || byte >= 0xC0) {
      // A code point of four bytes is a surrogate pair in UTF-16.
      location.column += byte >= 0xF0 ? 2 : 1;
    }
  }
  return location;
}

}  // namespace matricula::graphql
