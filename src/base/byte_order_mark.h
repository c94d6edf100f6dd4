#pragma once

#include <string_view>

namespace matricula {

// What many editors and shells put in front of UTF-8; readers of text skip it.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// The text behind the mark that it may begin with.
constexpr std::string_view without_byte_order_mark(std::string_view text) {
  return text.starts_with(kByteOrderMark) ? text.substr(kByteOrderMark.size()) : text;
}

}  // namespace matricula
