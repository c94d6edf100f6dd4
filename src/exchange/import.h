#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "records/limits.h"
#include "storage/database.h"

namespace matricula::exchange {

struct ImportProgress {
  std::string_view path;
  std::uint64_t records = 0;      // read from this file
  std::uint64_t stored = 0;       // of those, put into the store: after all were read
  std::uint64_t bytes_read = 0;   // of the file as it lies on disk
  std::uint64_t bytes_total = 0;  // 0 where it is not known
  bool is_done = false;           // the last report on this file
};

struct ImportOptions {
  bool skip_invalid = false;  // keep what is valid of a file that has bad lines
  // Called every few thousand lines and at the end of each file, from the importing thread.
  std::function<void(const ImportProgress&)> on_progress = {};
  std::size_t reports_max = records::kChangesMax;  // of a ChangeLog; tests set it low
  std::string company = {};  // of a feed whose lines may not name it; empty for that of its lines
  bool from_start = false;   // a feed has all records of its company: others are deleted
};

struct FileReport {
  std::string path;
  std::uint64_t records = 0;    // lines that are not blank
  std::uint64_t changed = 0;    // added or replaced
  std::uint64_t unchanged = 0;  // already there, word for word; or to be deleted and not there
  std::uint64_t deleted = 0;
  std::uint64_t rejected = 0;
  std::vector<std::string> reasons;  // FILE:LINE: reason, of the first kReasonsMax rejected lines
  bool is_kept = false;              // false: nothing of the file is in the store
};

struct ImportReport {
  std::vector<FileReport> files;       // those begun, in order
  std::vector<std::string> not_begun;  // paths after a file that was not kept
  std::optional<Error> error = {};     // why a file after these has no report

  bool is_complete() const { return !error && (files.empty() || files.back().is_kept); }
  std::uint64_t rejected() const;
};

// Imports files and directories of NDJSON in the order of the entities. A file is one transaction:
// with bad lines nothing of it is kept and no later file is begun, unless bad lines are skipped.
// Earlier files stay imported. Records are read, checked and sorted before the store is locked, so
// that other writers wait only while rows are written. Errors are those that no line causes: paths
// that name no import files (nothing was begun), a file that cannot be read to its end, a store
// that fails; nothing of the current file is kept then, and the message names it. After the first
// file they are in the report, beside what became of the files before. Memory does not grow with
// the files.
Result<ImportReport> import_paths(storage::Database& database, std::span<const std::string> paths,
                                  const ImportOptions& options, const Clock& clock);

}  // namespace matricula::exchange
