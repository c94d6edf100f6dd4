#include "records/bulk_load.h"

#include <fmt/format.h>
#include <string>

#include "records/limits.h"
#include "records/record_sql.h"
#include "records/statement_rows.h"

namespace matricula::records {
namespace {

// Whether the field is among those that find a row by an index. Every index begins with the
// company, which is not in every key.
bool leads_to_row(const Field& field) {
  return field.is_key || field.name == "companyId";
}

// Finds a record that is stored with the same values. A stored time may be later than the record's:
// see upsert_sql().
std::string same_sql(const Entity& of) {
  std::string same;
  std::string condition;
  std::size_t place = 0;
  for (const Field& field : of.fields) {
    ++place;
    if (leads_to_row(field)) {
      condition += fmt::format("{}{} = ?{}", condition.empty() ? "" : " AND ", field.column, place);
    } else {
      same += same.empty() ? "" : " AND ";
      same += field.defaults_to_now
                  ? fmt::format("(?{0} IS NULL OR {1} >= ?{0})", place, field.column)
                  : fmt::format("{1} IS ?{0}", place, field.column);
    }
  }
  return fmt::format("SELECT {} FROM {} WHERE {}", same, of.name, condition);
}

}  // namespace

BulkLoad::BulkLoad(const Entity& of) : of_(of), same_(same_sql(of)) {}

Result<void> BulkLoad::sample(storage::Session& reader, std::span<const storage::Bind> values) {
  if (!is_progress(of_.id) || records_++ % kRecordsPerSample != 0) {
    return {};
  }
  MATRICULA_TRY(const storage::RowsHandle rows,
                reader.query(same_, values.first(of_.fields.size())));
  MATRICULA_TRY(const bool is_stored, rows->next());
  ++samples_;
  new_ += is_stored ? 0 : 1;
  changed_ += is_stored && rows->integer(0) == 0 ? 1 : 0;
  return {};
}

Result<bool> BulkLoad::is_better_rebuilt(storage::Session& session) const {
  if (!is_progress(of_.id) || records_ < kBulkRecordsMin) {
    return false;
  }
  // Attempts that change hands have their users looked up by the indexes.
  const std::uint64_t counted = of_.id == EntityId::kAssessmentProgress ? 0 : changed_;
  const auto few =
      static_cast<std::int64_t>(records_ / samples_ * (new_ + kBulkRowsPerChange * counted));
  const storage::Statement count(
      fmt::format("SELECT count(*) FROM (SELECT 1 FROM {} LIMIT {}) AS first", of_.name, few + 1));
  MATRICULA_TRY(const std::optional<std::int64_t> rows, one_integer(session, count, {}));
  return rows.value_or(0) <= few;
}

}  // namespace matricula::records
