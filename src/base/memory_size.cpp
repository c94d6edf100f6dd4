#include "base/memory_size.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <string_view>

#include "base/control_groups.h"

namespace matricula {
namespace {

// The number that the text begins with; "max" and what is none are nothing.
std::optional<std::uint64_t> leading_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() ? std::optional(number) : std::nullopt;
}

// "MemTotal:       24598476 kB"
std::uint64_t machine_memory(const std::string& root) {
  constexpr std::string_view kName = "MemTotal:";
  std::ifstream file(root + "/proc/meminfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(kName)) {
      const std::size_t digits = line.find_first_of("0123456789");
      return digits == std::string::npos
                 ? 0
                 : leading_number(std::string_view(line).substr(digits)).value_or(0) * 1'024;
    }
  }
  return 0;
}

}  // namespace

std::uint64_t memory_size(const std::string& root) {
  std::uint64_t size = machine_memory(root);
  for (const std::string& line : control_lines(root, {.controller = "memory",
                                                     .version_2 = "memory.max",
                                                     .version_1 = "memory.limit_in_bytes"})) {
    size = std::min(size, leading_number(line).value_or(UINT64_MAX));
  }
  return size;
}

}  // namespace matricula
