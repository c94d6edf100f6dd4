#pragma once

#include <string>
#include <vector>

#include "cli/context.h"

namespace matricula::cli {

// Prints a list on standard output: with --json one array in one line, else an object a line.
// `text` writes a value as JSON.
template <typename T, typename Text>
void print_list(Context& context, const std::vector<T>& values, Text text) {
  const bool is_array = context.wants_array();
  context.out.print(is_array ? "[" : "");
  bool is_first = true;
  for (const T& value : values) {
    context.out.print(is_array && !is_first ? "," : "");
    context.out.print(text(value));
    context.out.print(is_array ? "" : "\n");
    is_first = false;
  }
  context.out.print(is_array ? "]\n" : "");
}

}  // namespace matricula::cli
