#pragma once

#include <array>
#include <string>

#include "base/uuid.h"
#include "records/entities.h"
#include "storage/database.h"

namespace matricula::exchange {

// One record as its table keeps it: values[i] is that of entity.fields[i]. Made anew for each line
// in the same memory. Texts are borrowed from the reader that filled it, until its next line.
struct Record {
  std::array<storage::Bind, records::kFieldsMax> values;
  bool is_deletion = false;  // only the key fields hold values

  // What values refer to where the line does not hold it in that form.
  std::array<UuidBytes, records::kFieldsMax> uuids;
  std::array<std::string, records::kFieldsMax> texts;
};

}  // namespace matricula::exchange
