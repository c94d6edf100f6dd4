#pragma once

#include <cstddef>
#include <span>

#include "base/result.h"
#include "storage/database.h"

namespace matricula::storage {

// Two statements that write rows of values: one takes a row, for SQLite, the other takes many, each
// column as a list, for PostgreSQL, where every statement is a round trip. The leading values,
// which are those of all rows, come first in both.
struct RowWrites {
  std::size_t width;  // values of a row
  Statement one;
  Statement many;
};

// Writes rows, whose values are one after the other, at most `rows_at_once` with a statement.
// Precondition: no value is null.
Result<void> write_rows(Session& session, const RowWrites& writes, std::span<const Bind> leading,
                        std::span<const Value> values, std::size_t rows_at_once);

}  // namespace matricula::storage
