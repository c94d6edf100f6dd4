#pragma once

#include <cstdint>

#include "base/result.h"
#include "records/entities.h"
#include "storage/database.h"

namespace matricula::records {

// Whether so many records, none of them a deletion, are so many more than the entity's table holds
// that its indexes are better rebuilt (storage::IndexRebuild) than kept in step.
Result<bool> is_bulk_load(storage::Session& session, const Entity& of, std::uint64_t records);

}  // namespace matricula::records
