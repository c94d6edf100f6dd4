#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/result.h"
#include "storage/database.h"

namespace matricula::storage {

// Rows that one statement of the people's index reads, or writes on PostgreSQL.
inline constexpr std::size_t kPeopleRowsAtOnce = 512;

// Adds rows to the index of a company's people; `values` has them one after the other. Of blocks:
// the first key, the number, the people; of grams: the gram, its blocks. One round trip for many.
Result<void> insert_people_blocks(Session& session, std::string_view company,
                                  std::span<const Value> values);
Result<void> insert_people_grams(Session& session, std::string_view company,
                                 std::span<const Value> values);

}  // namespace matricula::storage
