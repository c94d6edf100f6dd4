#pragma once

#include <span>
#include <string>
#include <string_view>

namespace matricula {

// The parts, comma-separated. (fmt::join makes g++ 12 warn in release builds.)
inline std::string joined(std::span<const std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) {
    text += text.empty() ? "" : ", ";
    text += part;
  }
  return text;
}

}  // namespace matricula
