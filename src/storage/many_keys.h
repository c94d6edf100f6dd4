#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>

#include "base/result.h"
#include "storage/database.h"

namespace matricula::storage {

// A statement that looks for many keys has them in `IN (key_places())`; each_of_keys() runs it for
// kKeysPerStatement keys at a time, so that many keys take few round trips to a store over a
// network.
inline constexpr std::size_t kKeysPerStatement = 256;

// "?1, ?2, ..."
std::string key_places();

// Calls `take` with every row that is found. The keys are texts, or all are bytes.
Result<void> each_of_keys(Session& session, const Statement& statement, std::span<const Bind> keys,
                          const std::function<void(const Rows&)>& take);

}  // namespace matricula::storage
