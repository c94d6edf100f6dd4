#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace matricula::bounds {

// What a request may hold by default.
inline constexpr std::size_t kBodyBytesMax = 256 * 1024;

struct Attack {
  std::string name;
  std::string document;   // for the program-progress endpoint
  std::string variables;  // JSON; empty for none
};

// Documents and variables of the permitted size that are built to cost as much as they can, each in
// a way of its own.
std::vector<Attack> attacks();

}  // namespace matricula::bounds
