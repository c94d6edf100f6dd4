#pragma once

#include <cstdio>
#include <fmt/format.h>
#include <type_traits>
#include <utility>

#include "base/assert.h"
#include "base/result.h"

namespace matricula {

// The value; the program ends, and says why, where there is none.
template <typename T>
T must(Result<T> result) {
  if (!result) {
    fmt::print(stderr, "{} {}\n", result.error().message, result.error().internal);
  }
  MATRICULA_ASSERT(result.has_value());
  if constexpr (!std::is_void_v<T>) {
    return std::move(*result);
  }
}

}  // namespace matricula
