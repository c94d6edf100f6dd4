#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace matricula {

// What `text_of` gives of each item, strings or views that last, comma-separated. (fmt::join makes
// g++ 12 warn in release builds.)
template <typename Items, typename TextOf = std::identity>
std::string joined(const Items& items, TextOf text_of = {}) {
  std::string text;
  for (const auto& item : items) {
    text += text.empty() ? "" : ", ";
    text += std::string_view(std::invoke(text_of, item));
  }
  return text;
}

}  // namespace matricula
