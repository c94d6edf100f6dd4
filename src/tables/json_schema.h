#pragma once

#include <string>

#include "tables/table.h"

namespace matricula::tables {

// The JSON Schema (2020-12) of one row of the table as NDJSON has it, on one line with its newline:
// the members in the order of columns, each with a description and `x-parquet`, its Parquet type as
// text. `x-key` lists the columns of the key.
std::string json_schema(const Table& table);

}  // namespace matricula::tables
