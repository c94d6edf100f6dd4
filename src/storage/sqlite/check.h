#pragma once

#include <sqlite3.h>
#include <string>
#include <vector>

#include "base/result.h"

namespace matricula::storage::sqlite {

// Reads the whole store and names what is wrong: damaged pages, indexes that differ from their
// tables, broken references. At most kProblemsMax of each kind.
Result<std::vector<std::string>> find_problems(sqlite3* connection);

}  // namespace matricula::storage::sqlite
