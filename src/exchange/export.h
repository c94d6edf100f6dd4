#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/database.h"

namespace matricula::exchange {

struct ExportProgress {
  std::string_view path;
  std::uint64_t records = 0;
  bool is_done = false;
};

struct ExportOptions {
  // Only this company: its contracts, plans and progress, and the users, programs and assessments
  // that these refer to.
  std::optional<std::string> company = std::nullopt;
  std::function<void(const ExportProgress&)> on_progress = {};
};

struct ExportedFile {
  std::string path;
  std::uint64_t records = 0;
};

// Writes one .ndjson file an entity into the directory, which is made where there is none: one
// state of the store, in canonical form, ordered by key, so that equal stores give equal bytes and
// import takes them back. Refuses, before it writes, a directory that holds an import file already.
// The files appear, durably, when all are complete; on failure none of them is left behind.
// kNotFound where there is no such company.
Result<std::vector<ExportedFile>> export_records(storage::Database& database,
                                                 const std::string& directory,
                                                 const ExportOptions& options = {});

}  // namespace matricula::exchange
