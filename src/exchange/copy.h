#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "storage/database.h"

namespace matricula::exchange {

struct CopiedTable {
  std::string name;
  std::uint64_t rows = 0;
  std::string checksum;  // hexadecimal, the same for both stores
};

struct CopyOptions {
  // Called while a table is copied, with the rows so far.
  std::function<void(const std::string& table, std::uint64_t rows)> on_progress = {};
};

// Copies a whole store, records and access data, into an empty one of the same schema, on either
// engine. The source is read in one snapshot and may go on serving; the target gets everything or
// nothing. Before the commit, each table is read back, and its checksum must be that of the
// source's rows. kConflict: the target holds rows already. kUsage: the two are one store.
// kCorrupt: a checksum differs.
Result<std::vector<CopiedTable>> copy_store(storage::Database& source, storage::Database& target,
                                            const CopyOptions& options);

}  // namespace matricula::exchange
