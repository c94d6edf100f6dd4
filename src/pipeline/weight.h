#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "execution/bound_plan.h"
#include "execution/executor.h"
#include "readmodel/model_list_reader.h"

namespace matricula::pipeline {

// Values that a page may have for its answer to be light: rows times the fields of all aliases,
// where a field of JSON text counts for many. A thousand take some 300 us.
inline constexpr std::size_t kLightValuesMax = 8'000;
// Up to so many, a loop answers at once; with more, in turns (loop_turns.h).
inline constexpr std::size_t kSmallValuesMax = 512;

// Where the connections of a plan are read.
enum class Lists : std::uint8_t { kInTables, kInMemory };

// Whether running the plan may hold up an event loop: it counts what writes do not count, searches,
// applies a filter, lists everything, hashes or writes, has several root fields, or has more than
// kLightValuesMax values to write. In memory, filters and either of counts and searches are light.
// Pure.
bool is_heavy(const execution::BoundPlan& bound, Lists lists);

// Whether running a light plan takes a loop some tens of microseconds at most: one index range of a
// list, and kSmallValuesMax values at most. Pure.
bool is_small(const execution::BoundPlan& bound);

// Whether running the plan does not hold up an event loop, as far as can be said before: a light
// one in tables, or in memory where that has the list as new as the store. `model` is the calling
// thread's reader of memory, null where there is none; it may look into the store.
bool is_light(const execution::BoundPlan& bound, std::string_view company,
              readmodel::ModelListReader* model);

// Whether running the plan may share a round trip, and so its time, with others: a light one, or
// one whose filters are known to pass few rows. `executor` is the calling thread's; asks no store.
bool is_batchable(const execution::BoundPlan& bound, std::string_view company,
                  execution::Executor& executor, readmodel::ModelListReader* model);

}  // namespace matricula::pipeline
