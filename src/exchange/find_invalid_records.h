#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "storage/database.h"

namespace matricula::exchange {

// The tables with records that an import of their export would refuse (values outside of their enum
// or bounds, lists that are no JSON, texts that are not UTF-8), a sentence each with the first
// reason. Reads every record once, in one snapshot that the caller begins.
Result<std::vector<std::string>> find_invalid_records(storage::Session& session);

}  // namespace matricula::exchange
