#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace matricula::tidy {

// A function as it is written: where it begins (a line from 1), how many lines it has from its
// first to its closing brace, and how many parameters. A declaration has no lines.
struct Function {
  std::string name;
  std::size_t line = 0;
  std::size_t lines = 0;
  std::size_t parameters = 0;
};

// The functions of a C++ file that .clang-format has laid out: definitions in a namespace, and
// declarations and definitions in classes. Lambdas count as lines of what they are in.
std::vector<Function> functions_of(const std::vector<std::string>& lines);

}  // namespace matricula::tidy
