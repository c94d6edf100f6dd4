#pragma once

#include <string_view>

namespace matricula {

// What many editors and shells put in front of UTF-8; whoever reads text passes over it.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace matricula
