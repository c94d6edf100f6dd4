#include "base/control_groups.h"

#include <fstream>

namespace matricula {
namespace {

void add_lines(const std::string& mount, std::string group, const char* name,
               std::vector<std::string>& lines) {
  for (;;) {
    std::ifstream file(mount + group + "/" + name);
    std::string line;
    if (std::getline(file, line)) {
      lines.push_back(std::move(line));
    }
    if (group.empty()) {
      return;
    }
    group.resize(group.rfind('/') == std::string::npos ? 0 : group.rfind('/'));
  }
}

// Of controllers such as "hugetlb,memory".
bool names(std::string_view controllers, std::string_view controller) {
  const std::string wanted = "," + std::string(controller) + ",";
  return ("," + std::string(controllers) + ",").find(wanted) != std::string::npos;
}

}  // namespace

std::vector<std::string> control_lines(const std::string& root, const ControlFile& file) {
  const std::string mount = root + "/sys/fs/cgroup";
  std::vector<std::string> lines;
  // "0::/system.slice/a.service" of version 2, "4:memory:/a" of version 1; both may be there.
  std::ifstream groups(root + "/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) {
      continue;
    }
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string group = line.substr(second + 1);
    if (controllers.empty()) {
      add_lines(mount, group, file.version_2, lines);
    } else if (names(controllers, file.controller)) {
      add_lines(mount + "/" + std::string(file.controller), group, file.version_1, lines);
    }
  }
  return lines;
}

}  // namespace matricula
