#pragma once

#include <string>
#include <string_view>

namespace matricula {

// Strings or views of them, comma-separated. (fmt::join makes g++ 12 warn in release builds.)
template <typename Texts>
std::string joined(const Texts& parts) {
  std::string text;
  for (const std::string_view part : parts) {
    text += text.empty() ? "" : ", ";
    text += part;
  }
  return text;
}

}  // namespace matricula
