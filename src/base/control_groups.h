#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace matricula {

// A setting of a controller, by the name of its file in control groups of version 2 and of 1.
struct ControlFile {
  std::string_view controller;
  const char* version_2;
  const char* version_1;
};

// The first line of that file in the process's group and in each above it, from the group up. In a
// container the group may have another name than inside of its own mount: then only groups above
// are found, at last the mount itself. `root` is the directory that has `proc` and `sys`.
std::vector<std::string> control_lines(const std::string& root, const ControlFile& file);

}  // namespace matricula
