#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "exchange/import.h"
#include "records/entities.h"

namespace matricula::exchange {

// The totals of all imports of a store, by entity. They are kept in the store, because imports run
// in other processes than the servers whose /metrics reports them.
struct ImportTotals {
  std::string entity;
  std::int64_t files = 0;
  std::int64_t changed = 0;
  std::int64_t unchanged = 0;
  std::int64_t deleted = 0;
  std::int64_t rejected = 0;
  Timestamp finished_at = 0;  // the last file
};

// Adds a file's report, in the transaction that the file is imported in.
Result<void> add_import(storage::Session& session, const records::Entity& entity,
                        const FileReport& report, Timestamp now);

// By name of entity; those that nothing was imported of are left out.
Result<std::vector<ImportTotals>> read_import_totals(storage::Session& session);

}  // namespace matricula::exchange
