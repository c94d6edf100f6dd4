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
  // Does to every row what upsert_sql() does to one; the number of rows that changed anything. The
  // rows stand one after the other, each with the parameters of upsert_sql(). No two of them have
  // one key, and their table has a field that defaults to now.
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
