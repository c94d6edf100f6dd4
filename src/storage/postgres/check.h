#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "storage/postgres/connection.h"

namespace matricula::storage::postgres {

// Reads every row of every table, and names what is wrong: tables that cannot be read, rules that
// were never checked, tables of companies without their row-level security. At most kProblemsMax of
// each kind.
Result<std::vector<std::string>> find_problems(Connection& connection, Deadline deadline);

}  // namespace matricula::storage::postgres
