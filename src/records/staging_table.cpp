#include "records/staging_table.h"

#include <fmt/format.h>

namespace matricula::records {
namespace {

// One transaction may have several.
std::string staged_name(const Entity& entity) {
  return fmt::format("staged_{}", entity.name);
}

// The types are those of the entity's table. brings_time: whether the row brought its time.
std::string make_sql(const Entity& entity) {
  return fmt::format(
      "CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {}, true AS brings_time FROM {} WITH NO "
      "DATA",
      staged_name(entity), stored_columns(entity), entity.name);
}

std::string merge_sql(const Entity& entity, BroughtTimes times, bool brings_time) {
  return insert_or_replace_sql(
      entity, sql::Dialect::kPostgres, times,
      fmt::format("SELECT {} FROM {} WHERE brings_time = {}", stored_columns(entity),
                  staged_name(entity), brings_time),
      brings_time ? "true" : "false");
}

}  // namespace

StagingTable::StagingTable(const Entity& entity, BroughtTimes times)
    : name_(staged_name(entity)),
      columns_(stored_columns(entity) + ", brings_time"),
      make_(make_sql(entity)),
      clear_("TRUNCATE " + name_),
      merge_with_time_(merge_sql(entity, times, true)),
      merge_without_time_(merge_sql(entity, times, false)) {}

Result<std::uint64_t> StagingTable::merge(storage::Session& session, storage::RowCopier& copier,
                                          std::span<const storage::Bind> rows) {
  MATRICULA_CHECK(session.execute(is_made_ ? clear_ : make_, {}));
  is_made_ = true;
  MATRICULA_CHECK(copier.copy_rows(name_, columns_, rows));
  MATRICULA_TRY(const std::int64_t with_time, session.execute(merge_with_time_, {}));
  MATRICULA_TRY(const std::int64_t without_time, session.execute(merge_without_time_, {}));
  return static_cast<std::uint64_t>(with_time + without_time);
}

}  // namespace matricula::records
