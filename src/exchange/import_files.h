#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "records/entities.h"

namespace matricula::exchange {

struct ImportFile {
  std::string path;
  const records::Entity* entity;
};

// The files that these paths name, in import order: a file by itself, a directory for the entity
// files in it (other files in it are passed over, but for .ndjson files of unknown name). An error
// where a path is not there, a name is not that of an entity, a directory holds no entity file, or
// one entity twice.
Result<std::vector<ImportFile>> find_import_files(std::span<const std::string> paths);

// The entity that a file name belongs to, such as users.ndjson.gz; null for none.
const records::Entity* entity_of_file(std::string_view file_name);
// The endings of import files: plain and packed.
std::span<const std::string_view> import_endings();

}  // namespace matricula::exchange
