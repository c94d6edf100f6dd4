#include "base/memory_size.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <string_view>

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

// The lowest limit of the group and of those above. In a container the group may have another
// name than inside of its own mount: then only groups above are found, at last the mount itself.
std::uint64_t lowest_limit(const std::string& mount, std::string group, const char* name) {
  std::uint64_t lowest = UINT64_MAX;
  for (;;) {
    std::ifstream file(mount + group + "/" + name);
    std::string line;
    if (std::getline(file, line)) {
      lowest = std::min(lowest, leading_number(line).value_or(UINT64_MAX));
    }
    if (group.empty()) {
      return lowest;
    }
    group.resize(group.rfind('/') == std::string::npos ? 0 : group.rfind('/'));
  }
}

// Of controllers such as "hugetlb,memory".
bool names_memory(std::string_view controllers) {
  return ("," + std::string(controllers) + ",").find(",memory,") != std::string::npos;
}

}  // namespace

std::uint64_t memory_size(const std::string& root) {
  const std::string mount = root + "/sys/fs/cgroup";
  std::uint64_t size = machine_memory(root);
  // "0::/system.slice/a.service" of version 2, "4:memory:/a" of version 1; both may be there.
  std::ifstream groups(root + "/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) {
      continue;
    }
    const std::string_view controllers =
        std::string_view(line).substr(first + 1, second - first - 1);
    const std::string group = line.substr(second + 1);
    if (controllers.empty()) {
      size = std::min(size, lowest_limit(mount, group, "memory.max"));
    } else if (names_memory(controllers)) {
      size = std::min(size, lowest_limit(mount + "/memory", group, "memory.limit_in_bytes"));
    }
  }
  return size;
}

}  // namespace matricula
