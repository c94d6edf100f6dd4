#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

// What is wrong with the access data of a store, a sentence each: roles, passwords, credentials
// and tokens of people and companies that do not exist, credentials without a secret,
// digests of no digest's size, a missing mark of the key file. None if all is well. In a snapshot
// that the caller begins.
Result<std::vector<std::string>> find_access_problems(storage::Session& session);

}  // namespace matricula::auth
