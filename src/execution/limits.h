#pragma once

#include <cstddef>
#include <cstdint>

namespace matricula::execution {

// Bounds of one request's work; options of `matricula serve` but for those that say otherwise.
struct ExecutionLimits {
  // Not options: the contract with clients fixes them.
  std::int32_t page_rows_default = 50;
  std::int32_t page_rows_max = 1'000;
  std::size_t filter_values_max = 10'000;  // values of all filter lists of a request
  std::size_t response_bytes_max = 64 * 1024 * 1024;
  // A filter that finds fewer rows than this is selective: its index drives the query, and the few
  // rows are sorted. With other filters the index of the order is walked, and each row is checked.
  // No option: it changes the cost of an answer and never the answer.
  std::int64_t selective_rows_max = 2'000;
};

}  // namespace matricula::execution
