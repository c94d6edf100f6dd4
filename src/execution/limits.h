#pragma once

#include <cstddef>
#include <cstdint>

namespace matricula::execution {

// Bounds of one request's work; each is an option of `matricula serve`.
struct ExecutionLimits {
  std::int32_t page_rows_default = 50;
  std::int32_t page_rows_max = 1'000;
  std::size_t filter_values_max = 10'000;  // values in one filter list
  std::size_t response_bytes_max = 64 * 1024 * 1024;
};

}  // namespace matricula::execution
