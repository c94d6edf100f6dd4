#pragma once

#include "records/entities.h"
#include "storage/database.h"

namespace matricula::records {

// The value of a column that holds a field of this type; text and bytes are borrowed from the row.
storage::Bind read_value(const storage::Rows& rows, unsigned column, FieldType type);

}  // namespace matricula::records
