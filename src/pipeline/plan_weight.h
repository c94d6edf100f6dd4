#pragma once

#include <cstddef>
#include <cstdint>

#include "graphql/coercion/input.h"
#include "planning/plan.h"

namespace matricula::pipeline {

// Values that a page may have for its answer to be light: rows times the fields of all aliases,
// where a field of JSON text counts for many. A thousand take some 300 us.
inline constexpr std::size_t kLightValuesMax = 8'000;

// Where the connections of a plan are read.
enum class Lists : std::uint8_t { kInTables, kInMemory };

// Whether running the plan may hold up an event loop: it counts, searches, walks a filter, lists
// everything, hashes or writes, or has more than kLightValuesMax values to write. In memory,
// filters and either of counts and searches are light.
bool is_heavy(const planning::Plan& plan, const graphql::Variables& variables, Lists lists);

}  // namespace matricula::pipeline
