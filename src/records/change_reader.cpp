#include "records/change_reader.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/assert.h"
#include "base/uuid.h"
#include "records/limits.h"
#include "records/record_sql.h"
#include "records/row_values.h"
#include "records/statement_rows.h"

namespace matricula::records {
namespace {

using storage::Bind;
using storage::Bytes;
using storage::RowsHandle;
using storage::Session;
using storage::Statement;

std::string aliased_columns(const Entity& of) {
  std::string columns;
  for (const Field& field : of.fields) {
    columns += fmt::format("{}e.{}", columns.empty() ? "" : ", ", field.column);
  }
  return columns;
}

// How a row of company_rows names the row that it is about.
std::string_view join_condition(EntityId id) {
  switch (id) {
    case EntityId::kPrograms:
      return "e.key = r.key AND e.locale = r.part";
    case EntityId::kContractPrograms:
      return "e.contract_id = r.key AND e.program_key = r.part";
    case EntityId::kContractAssessments:
      return "e.contract_id = r.key AND e.assessment_id = r.part";
    case EntityId::kCompanies:
    case EntityId::kContracts:
    case EntityId::kUsers:
    case EntityId::kAssessments:
    case EntityId::kLearningPlans:
    case EntityId::kProgramProgress:
    case EntityId::kAssessmentProgress:
    case EntityId::kLearningPlanProgress:
      break;
  }
  return "e.id = r.key";
}

// ?1 company, ?2 after, ?3 limit. The table that is read in the order of the sequence comes first.
std::string changes_sql(const Entity& of) {
  if (is_progress(of.id)) {
    return fmt::format(
        "SELECT {}, e.change_seq FROM {} e WHERE e.company_id = ?1 AND e.change_seq > ?2 ORDER BY "
        "e.change_seq LIMIT ?3",
        aliased_columns(of), of.name);
  }
  if (of.id == EntityId::kUsers) {
    return fmt::format(
        "SELECT {}, r.change_seq FROM company_users r CROSS JOIN users e WHERE e.id = r.user_id "
        "AND r.company_id = ?1 AND r.change_seq > ?2 ORDER BY r.change_seq LIMIT ?3",
        aliased_columns(of));
  }
  return fmt::format(
      "SELECT {}, r.change_seq FROM company_rows r CROSS JOIN {} e WHERE {} AND r.company_id = ?1 "
      "AND r.entity = {} AND r.change_seq > ?2 ORDER BY r.change_seq LIMIT ?3",
      aliased_columns(of), of.name, join_condition(of.id), static_cast<int>(of.id));
}

std::string last_sql(const Entity& of) {
  const std::string rows =
      is_progress(of.id)
          ? fmt::format("SELECT max(change_seq) AS n FROM {} WHERE company_id = ?1", of.name)
      : of.id == EntityId::kUsers
          ? std::string("SELECT max(change_seq) AS n FROM company_users WHERE company_id = ?1")
          : fmt::format(
                "SELECT max(change_seq) AS n FROM company_rows WHERE company_id = ?1 AND "
                "entity = {}",
                static_cast<int>(of.id));
  return fmt::format(
      "SELECT coalesce(max(n), 0) FROM ({} UNION ALL SELECT max(change_seq) FROM tombstones WHERE "
      "company_id = ?1 AND entity = {}) numbers",
      rows, static_cast<int>(of.id));
}

std::string state_sql(std::string_view store_epoch) {
  return fmt::format(
      "SELECT s.last_seq, s.pruned_seq, (SELECT {} FROM store_epoch e) || '-' || s.epoch FROM "
      "company_sequences s WHERE s.company_id = ?1",
      store_epoch);
}

struct Statements {
  Statements() {
    for (const Entity& each : entities()) {
      changes.emplace_back(changes_sql(each));
      last.emplace_back(last_sql(each));
    }
  }
  std::vector<Statement> changes;
  std::vector<Statement> last;
  const Statement deletes{
      "SELECT key, part, last_part, entity, change_seq, changed_at FROM tombstones WHERE "
      "company_id = ?1 AND change_seq > ?2 ORDER BY change_seq LIMIT ?3"};
  const Statement last_delete{"SELECT max(change_seq) FROM tombstones WHERE company_id = ?1"};
  const Statement time{
      "SELECT up_to, changed_at FROM change_times WHERE company_id = ?1 AND up_to >= ?2 ORDER BY "
      "up_to LIMIT 1"};
  const Statement sqlite_state{state_sql("e.epoch")};
  // The epoch includes the id of the table and of the transaction that created it. Standbys and
  // failovers keep both, pg_restore does not: a store restored from a dump has a new epoch.
  const Statement postgres_state{
      state_sql("pg_catalog.md5(pg_catalog.concat_ws(' ', e.epoch, e.xmin, e.tableoid))")};
};

const Statements& statements() {
  static const Statements kAll;
  return kAll;
}

}  // namespace

const Statement& sequence_statement(sql::Dialect dialect) {
  return dialect == sql::Dialect::kSqlite ? statements().sqlite_state : statements().postgres_state;
}

Result<std::optional<SequenceState>> read_sequence(storage::Rows& rows) {
  MATRICULA_TRY(const bool is_known, rows.next());
  if (!is_known) {
    return std::nullopt;
  }
  return SequenceState{
      .last = rows.integer(0), .oldest = rows.integer(1), .epoch = std::string(rows.text(2))};
}

Result<std::optional<SequenceState>> read_sequence(Session& session, std::string_view company) {
  const Bind binds[] = {company};
  MATRICULA_TRY(const RowsHandle rows, session.query(sequence_statement(session.dialect()), binds));
  return read_sequence(*rows);
}

Result<std::int64_t> read_table_sequence(Session& session, std::string_view company, EntityId id) {
  MATRICULA_TRY(const std::optional<std::int64_t> last,
                one_integer(session, statements().last[static_cast<std::size_t>(id)], {company}));
  return last.value_or(0);
}

Result<TableSequences> read_table_sequences(Session& session, std::string_view company) {
  TableSequences all = {};
  for (const Entity& each : entities()) {
    MATRICULA_TRY(all[static_cast<std::size_t>(each.id)],
                  read_table_sequence(session, company, each.id));
  }
  return all;
}

Result<std::int64_t> read_last_delete(Session& session, std::string_view company) {
  MATRICULA_TRY(const std::optional<std::int64_t> last,
                one_integer(session, statements().last_delete, {company}));
  return last.value_or(0);
}

Result<std::optional<Timestamp>> read_change_time(Session& session, std::string_view company,
                                                  std::int64_t sequence) {
  const Bind binds[] = {company, sequence};
  MATRICULA_TRY(const RowsHandle rows, session.query(statements().time, binds));
  MATRICULA_TRY(const bool is_known, rows->next());
  return is_known ? std::optional<Timestamp>(rows->integer(1)) : std::nullopt;
}

ChangeReader::ChangeReader(Session& session, const ChangeScope& scope)
    : session_(session), company_(scope.company) {
  for (const EntityId id : scope.tables) {
    tables_[static_cast<std::size_t>(id)] = true;
  }
  for (const Entity& each : entities()) {
    if (tables_[static_cast<std::size_t>(each.id)]) {
      streams_.push_back({.entity = &each, .rows = nullptr, .sequence = scope.after});
    }
  }
  if (scope.deletes_after) {
    streams_.push_back({.entity = nullptr, .rows = nullptr, .sequence = *scope.deletes_after});
  }
}

bool ChangeReader::is_asked_for(const storage::Rows& deletion) const {
  return tables_[static_cast<std::size_t>(deletion.integer(3))];
}

// Moves a stream to its next row, and queries more where all rows of the last query are read.
Result<void> ChangeReader::advance(Stream& stream) {
  for (;;) {
    if (stream.rows == nullptr) {
      const Bind binds[] = {std::string_view(company_), stream.sequence,
                            static_cast<std::int64_t>(kChangesPerQuery)};
      const Statement& statement =
          stream.entity == nullptr
              ? statements().deletes
              : statements().changes[static_cast<std::size_t>(stream.entity->id)];
      MATRICULA_TRY(stream.rows, session_.query(statement, binds));
      stream.rows_read = 0;
    }
    MATRICULA_TRY(const bool is_row, stream.rows->next());
    if (!is_row) {
      stream.rows.reset();
      if (stream.rows_read < kChangesPerQuery) {
        stream.is_done = true;
        return {};
      }
      continue;
    }
    ++stream.rows_read;
    stream.sequence =
        stream.entity == nullptr
            ? stream.rows->integer(4)
            : stream.rows->integer(static_cast<unsigned>(stream.entity->fields.size()));
    if (stream.entity != nullptr || is_asked_for(*stream.rows)) {
      return {};
    }
  }
}

Result<bool> ChangeReader::next() {
  if (has_begun_ && current_ != nullptr) {
    MATRICULA_CHECK(advance(*current_));
  }
  if (!has_begun_) {
    has_begun_ = true;
    for (Stream& stream : streams_) {
      MATRICULA_CHECK(advance(stream));
    }
  }
  current_ = nullptr;
  for (Stream& stream : streams_) {
    if (!stream.is_done && (current_ == nullptr || stream.sequence < current_->sequence)) {
      current_ = &stream;
    }
  }
  if (current_ == nullptr) {
    return false;
  }
  MATRICULA_CHECK(take_row(*current_));
  return true;
}

Result<void> ChangeReader::take_row(Stream& stream) {
  change_.sequence = stream.sequence;
  change_.is_deletion = stream.entity == nullptr;
  if (change_.is_deletion) {
    take_deletion(stream);
    return {};
  }
  change_.entity = stream.entity;
  const std::span<const storage::ValueType> types = value_types(*stream.entity);
  stream.rows->read(types, values_);
  change_.values = std::span<const Bind>(values_).first(types.size());
  return find_time();
}

void ChangeReader::take_deletion(const Stream& stream) {
  const Entity& of = entity(static_cast<EntityId>(stream.rows->integer(3)));
  change_.entity = &of;
  change_.changed_at = stream.rows->integer(5);
  time_up_to_ = -1;
  unsigned part = 0;
  for (std::size_t i = 0; i < of.fields.size(); ++i) {
    values_[i] = std::monostate{};
    if (!of.fields[i].is_key) {
      continue;
    }
    const std::string_view text = stream.rows->text(part++);
    values_[i] = text;
    if (of.fields[i].type == FieldType::kUuid) {
      const std::optional<UuidBytes> uuid = read_uuid(text);
      MATRICULA_ASSERT(uuid.has_value());
      uuids_[i] = *uuid;
      values_[i] = Bytes(uuids_[i]);
    }
  }
  change_.values = std::span<const Bind>(values_).first(of.fields.size());
}

// When the number was given.
Result<void> ChangeReader::find_time() {
  if (change_.sequence <= time_up_to_) {
    return {};
  }
  const Bind binds[] = {std::string_view(company_), change_.sequence};
  MATRICULA_TRY(const RowsHandle rows, session_.query(statements().time, binds));
  MATRICULA_TRY(const bool is_known, rows->next());
  if (is_known) {
    time_up_to_ = rows->integer(0);
    change_.changed_at = rows->integer(1);
  }
  return {};
}

}  // namespace matricula::records
