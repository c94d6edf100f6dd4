#pragma once

#include <array>
#include <string>

#include "base/uuid.h"
#include "records/entities.h"
#include "storage/database.h"

namespace matricula::exchange {

// One record in the form of its table: values[i] is that of entity.fields[i]. Readers fill one
// object again for each line. Texts are borrowed from the reader, until its next line.
struct Record {
  std::array<storage::Bind, records::kFieldsMax> values;
  bool is_deletion = false;  // only the key fields hold values

  // Values that the line does not hold in the form of the column; `values` refers to them.
  std::array<UuidBytes, records::kFieldsMax> uuids;
  std::array<std::string, records::kFieldsMax> texts;
};

}  // namespace matricula::exchange
