#pragma once

#include <string_view>

#include "records/entities.h"

namespace matricula::tables {

// What a row of the table is, in one sentence.
std::string_view table_note(records::EntityId entity);

// What a column means, in one sentence. Precondition: the entity has a field of this name.
std::string_view column_note(records::EntityId entity, std::string_view field);

}  // namespace matricula::tables
