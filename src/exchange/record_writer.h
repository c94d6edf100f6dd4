#pragma once

#include <span>
#include <string>

#include "records/entities.h"
#include "storage/database.h"

namespace matricula::exchange {

// Appends a record as one canonical line with its newline: the fields in their order, null ones
// left out, ids of users and times in their shortest usual form. values[i] is that of
// entity.fields[i], as its column keeps it. What import made of a line, this writes back; written
// lines come back byte for byte.
void append_record(std::string& out, const records::Entity& entity,
                   std::span<const storage::Bind> values);

}  // namespace matricula::exchange
