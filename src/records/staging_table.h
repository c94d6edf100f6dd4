#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"
#include "records/entities.h"
#include "records/record_sql.h"
#include "storage/database.h"

namespace matricula::records {

// A temporary staging table of one transaction on PostgreSQL, one for each entity: rows are copied
// into it, and merged into the entity's table by one upsert. (COPY does not work on tables with
// row-level security.)
class StagingTable {
 public:
  StagingTable(const Entity& entity, BroughtTimes times);
  // upsert_sql() for many rows; returns how many rows changed anything. `rows` holds the parameters
  // of upsert_sql() for one row after the other, no two with one key. The entity has a field that
  // defaults to now.
  Result<std::uint64_t> merge(storage::Session& session, storage::RowCopier& copier,
                              std::span<const storage::Bind> rows);

 private:
  const std::string name_;
  const std::string columns_;
  const storage::Statement make_;
  const storage::Statement clear_;
  const storage::Statement merge_with_time_;
  const storage::Statement merge_without_time_;
  bool is_made_ = false;
};

}  // namespace matricula::records
