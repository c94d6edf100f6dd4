#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "sql/dialect.h"
#include "sql/relation.h"
#include "storage/database.h"

namespace matricula::readmodel {

// Loads the list of every company into memory and compares it with the tables, row by row in each
// order: what differs, a sentence each, at most one for each company and order, or one for the
// company where the tables give rows that cannot be kept. None for a list that is not kept in
// memory. Reads in a snapshot that the caller begins, and takes the memory of
// the largest company.
Result<std::vector<std::string>> find_differences(storage::Session& session, sql::Dialect dialect,
                                                  const sql::Relation& relation);

}  // namespace matricula::readmodel
