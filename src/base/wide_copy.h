#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

namespace matricula {

// Bytes behind a text that wide stores may read, and behind what was copied that they may write.
inline constexpr std::size_t kSlack = 32;

// Copies a text that has kSlack readable bytes behind it to where as many may be written behind it;
// the end of the copy. A short text takes one store of a fixed size in place of a call of memcpy().
inline char* put_text(char* out, std::string_view text) {
  if (text.size() <= kSlack) {
    std::memcpy(out, text.data(), kSlack);
  } else {
    std::memcpy(out, text.data(), text.size());
  }
  return out + text.size();
}

}  // namespace matricula
