#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "sql/dialect.h"
#include "storage/database.h"

namespace matricula::records {

// The tables, indexes, triggers, functions and policies that a store lacks, triggers and functions
// with another text than the steps gave them, triggers that are disabled and indexes that are
// invalid, a sentence each. Additional ones are no fault. Its code is in find_schema_problems.cpp.
Result<std::vector<std::string>> find_schema_problems(storage::Session& session);

// kCorrupt, which names the first, where triggers of the store are disabled: a write of records
// would leave what they keep (counts, search indexes) as it is. Call at the start of such a write.
Result<void> require_triggers(storage::Session& session);

// The problems of a store's records, a sentence each; none if all is well. It finds references to
// records that do not exist, rows of another company, copies, search texts, search indexes and
// histograms that differ from their sources, and change sequences that miss a row or have a number
// twice. Reads every record once, in one storage::begin_long_snapshot() of the caller's.
// Precondition: the schema is complete, and the steps of plans are JSON.
Result<std::vector<std::string>> find_problems(storage::Session& session);

}  // namespace matricula::records
