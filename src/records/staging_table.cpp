#include "records/staging_table.h"

#include <fmt/format.h>

#include "records/record_sql.h"

namespace matricula::records {
namespace {

// The types are those of the entity's table. brings_time: whether the row brought its time.
std::string make_sql(const Entity& entity) {
  return fmt::format(
      "CREATE TEMPORARY TABLE staged_records ON COMMIT DROP AS SELECT {}, true AS brings_time FROM "
      "{} "
      "WITH NO DATA",
      stored_columns(entity), entity.name);
}

std::string merge_sql(const Entity& entity, bool brings_time) {
  return insert_or_replace_sql(entity, sql::Dialect::kPostgres,
                               fmt::format("SELECT {} FROM staged_records WHERE brings_time = {}",
                                           stored_columns(entity), brings_time),
                               brings_time ? "true" : "false");
}

}  // namespace

StagingTable::StagingTable(const Entity& entity)
    : columns_(stored_columns(entity) + ", brings_time"),
      make_(make_sql(entity)),
      clear_("TRUNCATE staged_records"),
      merge_with_time_(merge_sql(entity, true)),
      merge_without_time_(merge_sql(entity, false)) {}

Result<std::uint64_t> StagingTable::merge(storage::Session& session, storage::RowCopier& copier,
                                          std::span<const storage::Bind> rows) {
  MATRICULA_CHECK(session.execute(is_made_ ? clear_ : make_, {}));
  is_made_ = true;
  MATRICULA_CHECK(copier.copy_rows("staged_records", columns_, rows));
  MATRICULA_TRY(const std::int64_t with_time, session.execute(merge_with_time_, {}));
  MATRICULA_TRY(const std::int64_t without_time, session.execute(merge_without_time_, {}));
  return static_cast<std::uint64_t>(with_time + without_time);
}

}  // namespace matricula::records
