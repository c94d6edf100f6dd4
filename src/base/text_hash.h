#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace matricula {

// With std::equal_to<>, lets maps of strings be asked with views.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

}  // namespace matricula
