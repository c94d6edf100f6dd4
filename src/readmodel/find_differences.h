#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "sql/relation.h"
#include "storage/database.h"

namespace matricula::readmodel {

// Loads the list of every company into memory and compares it with the tables, row by row in each
// order. Returns the differences, a sentence each: at most one for each company and order, or one
// for a company whose rows cannot be loaded; none for a list that the read model does not keep.
// Reads in a snapshot that the caller begins, and takes the memory of the largest company.
Result<std::vector<std::string>> find_differences(storage::Session& session,
                                                  const sql::Relation& relation);

}  // namespace matricula::readmodel
