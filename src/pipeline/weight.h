#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "execution/bound_plan.h"
#include "execution/executor.h"
#include "readmodel/model_lists.h"

namespace matricula::pipeline {

// The most values of a light page: rows times the fields of all aliases, where a field of JSON text
// counts for many. A page of 100 rows with every field of program progress has 2,300. A thousand
// values take some 300 us from tables.
inline constexpr std::size_t kLightValuesMax = 2'500;
// Up to so many values, a loop answers at once; with more, in turns (loop_turns.h).
inline constexpr std::size_t kSmallValuesMax = 512;

// Where the connections of a plan are read.
enum class Lists : std::uint8_t { kInTables, kInMemory };

// Whether running the plan may hold up an event loop: it counts rows that no histogram has counted,
// searches, applies a filter, reads a whole list, hashes a password or writes, has several root
// fields, or has more than kLightValuesMax values to write. In memory, filters and either counts or
// searches (not both) are light. Pure.
bool is_heavy(const execution::BoundPlan& bound, Lists lists);

// Whether running a light plan takes a loop some tens of microseconds at most: one index range of a
// list, and kSmallValuesMax values at most. Pure.
bool is_small(const execution::BoundPlan& bound);

// Whether running the plan is not expected to hold up an event loop: the plan is light in tables,
// or it is light in memory and a current copy of the list is there. `model` is the calling thread's
// reader of the read model, null where there is none; it may ask the store.
bool is_light(const execution::BoundPlan& bound, std::string_view company,
              readmodel::ModelLists* model);

// Whether the plan may share a round trip, and so its latency, with others: a light one, or one
// whose filters are known to be selective. `executor` is the calling thread's; it does not ask the
// store.
bool is_batchable(const execution::BoundPlan& bound, std::string_view company,
                  execution::Executor& executor, readmodel::ModelLists* model);

}  // namespace matricula::pipeline
