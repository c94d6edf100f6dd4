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

// The files that these paths name, in import order: files, and the entity files of directories.
// Other files of a directory are skipped. An error where a path does not exist, an .ndjson file has
// no entity's name, a directory has no entity file, or there are two files of one entity.
Result<std::vector<ImportFile>> find_import_files(std::span<const std::string> paths);

// The entity that a file name belongs to, such as users.ndjson.gz; null for none.
const records::Entity* entity_of_file(std::string_view file_name);
// The endings of import files: plain and packed.
std::span<const std::string_view> import_endings();

}  // namespace matricula::exchange
