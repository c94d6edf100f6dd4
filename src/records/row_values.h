#pragma once

#include <span>

#include "records/entities.h"
#include "storage/database.h"

namespace matricula::records {

// How a column that holds a field of this type is read.
storage::ValueType value_type(FieldType type);

// Of all fields of an entity, in their order.
std::span<const storage::ValueType> value_types(const Entity& entity);

}  // namespace matricula::records
