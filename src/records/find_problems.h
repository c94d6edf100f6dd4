#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "sql/dialect.h"
#include "storage/database.h"

namespace matricula::records {

// What is wrong with the records of a store, a sentence each: references to records that do not
// exist, rows of another company, copies, search texts and kept counts that differ from what they
// are made of, sequences of changes that miss a row or number two alike. None if all is well. Reads
// every record once, in one snapshot that the caller begins.
Result<std::vector<std::string>> find_problems(storage::Session& session);

}  // namespace matricula::records
