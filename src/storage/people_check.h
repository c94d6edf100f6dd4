#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "storage/database.h"

namespace matricula::storage {

// What is wrong with the search index over the people of each company, a sentence each: blocks that
// cannot be read, are out of order, or hold other people and texts than are filed, and grams that
// miss a block. None if all is well. Holds the grams of one company at a time. In a snapshot that
// the caller begins.
Result<std::vector<std::string>> find_people_problems(Session& session);

}  // namespace matricula::storage
