#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace matricula::readmodel {

// Whether a text needs no escapes in a JSON string.
bool is_plain_json(std::string_view text);

// Where a text is in an arena, and whether it needs no escapes in a JSON string.
struct TextRange {
  std::uint32_t begin = 0;
  std::uint32_t size_and_plain = 0;

  static TextRange of(std::size_t begin, std::string_view text) {
    const auto size = static_cast<std::uint32_t>(text.size());
    return {.begin = static_cast<std::uint32_t>(begin),
            .size_and_plain = is_plain_json(text) ? size | kPlain : size};
  }
  std::uint32_t size() const { return size_and_plain & ~kPlain; }
  bool is_plain() const { return (size_and_plain & kPlain) != 0; }

 private:
  static constexpr std::uint32_t kPlain = std::uint32_t{1} << 31U;
};

}  // namespace matricula::readmodel
