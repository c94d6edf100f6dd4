#include "readmodel/store_rows.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/uuid.h"
#include "readmodel/builder.h"
#include "readmodel/editor.h"
#include "records/change_reader.h"
#include "records/record_sql.h"

namespace matricula::readmodel {
namespace {

using records::Entity;
using storage::Bind;
using storage::ResultSize;
using storage::RowsHandle;
using storage::Statement;

// Up to so many changes are read with the statement of a page; more, through a cursor.
constexpr std::int64_t kFewChanges = 64;
// Rows between two checks of a load's memory, and of whether it was cancelled.
constexpr std::uint32_t kRowsPerCheck = 4'096;
constexpr std::uint32_t kRowsPerLook = 64;
constexpr std::string_view kAlias = "t.";

std::string columns_of(const Layout& layout, sql::Dialect dialect) {
  std::string text;
  for (const Source& source : layout.sources) {
    text += text.empty() ? "SELECT " : ", ";
    text += dialect == sql::Dialect::kPostgres ? source.postgres : source.expression;
  }
  text += fmt::format(" FROM {}", layout.relation->table);
  for (const std::string_view join : layout.relation->joins) {
    text += fmt::format(" {}", join);
  }
  return text + fmt::format(" WHERE {}", layout.relation->tenant);
}

std::string order_of(const Layout& layout) {
  std::string text;
  for (const std::uint16_t part : layout.reading_order()) {
    text += text.empty() ? " ORDER BY " : ", ";
    text += layout.sources[part].expression;
  }
  return text;
}

std::shared_ptr<const Statement> make(std::string text, ResultSize size) {
  return std::make_shared<const Statement>(std::move(text), size);
}

Result<void> check_not_cancelled(const StoreRows::Company& company, std::uint64_t rows_read) {
  if (rows_read % kRowsPerLook == 0 && company.is_cancelled != nullptr &&
      company.is_cancelled->load(std::memory_order_relaxed)) {
    return fail(ErrorCode::kUnavailable, "Reading the rows was cancelled.");
  }
  return {};
}

}  // namespace

std::optional<StoreRows> StoreRows::of(const Layout& layout, sql::Dialect dialect) {
  const std::string_view table = layout.relation->table;
  const Entity* const entity = records::find_entity(table.substr(0, table.find(' ')));
  if (entity == nullptr || !records::is_progress(entity->id)) {
    return std::nullopt;
  }
  StoreRows made(layout, dialect, *entity);
  const bool is_whole = made.key_parts_.size() == layout.indexes[layout.key_index].parts.size();
  return is_whole ? std::optional(std::move(made)) : std::nullopt;
}

StoreRows::StoreRows(const Layout& layout, sql::Dialect dialect, const Entity& entity)
    : layout_(layout) {
  for (const std::uint16_t source : layout.indexes[layout.key_index].parts) {
    unsigned part = 0;
    for (const records::Field& field : entity.fields) {
      if (field.is_key &&
          layout.sources[source].expression == fmt::format("{}{}", kAlias, field.column)) {
        key_parts_.push_back(part);
      }
      part += field.is_key ? 1 : 0;
    }
  }
  const std::string rows = columns_of(layout, dialect);
  const std::string changed = rows + " AND t.change_seq > ?2 ORDER BY t.change_seq LIMIT ?3";
  all_ = make(rows + order_of(layout), ResultSize::kLarge);
  changed_ = make(changed, ResultSize::kLarge);
  few_changed_ = make(changed, ResultSize::kPage);
  gone_ = make(fmt::format("SELECT key, part, last_part FROM tombstones WHERE company_id = ?1 AND "
                           "entity = {} AND change_seq > ?2 ORDER BY change_seq LIMIT ?3",
                           static_cast<int>(entity.id)),
               ResultSize::kPage);
}

Result<std::optional<StoreRows::ReadRows>> StoreRows::read(const Company& company,
                                                           std::uint64_t bytes_max) const {
  MATRICULA_TRY(auto state, records::read_sequence(company.session, company.id));
  if (!state) {
    return std::nullopt;
  }
  ReadRows read{.builder = SnapshotBuilder(layout_),
                .sequence = state->last,
                .epoch = std::move(state->epoch)};
  const Bind binds[] = {company.id};
  MATRICULA_TRY(const RowsHandle rows, company.session.query(*all_, binds));
  for (std::uint32_t count = 1;; ++count) {
    MATRICULA_TRY(const bool is_row, rows->next());
    if (!is_row) {
      return read;
    }
    MATRICULA_CHECK(read.builder.add(*rows));
    MATRICULA_CHECK(check_not_cancelled(company, count));
    if (count % kRowsPerCheck == 0 && read.builder.bytes() > bytes_max) {
      return fail(ErrorCode::kLimitExceeded, "The company's list takes too much memory.");
    }
  }
}

Result<StoredState> StoreRows::finish(ReadRows rows) {
  MATRICULA_TRY(auto snapshot, rows.builder.finish());
  return StoredState{
      .snapshot = std::move(snapshot), .sequence = rows.sequence, .epoch = std::move(rows.epoch)};
}

Result<std::optional<StoredState>> StoreRows::refresh(const Company& company,
                                                      const StoredState& from,
                                                      std::int64_t changes_max) const {
  MATRICULA_TRY(const auto state, records::read_sequence(company.session, company.id));
  // Tombstones before `oldest` were swept: deletes since `from` may be missing.
  if (!state || state->epoch != from.epoch || from.sequence < state->oldest ||
      from.sequence > state->last) {
    return std::nullopt;
  }
  SnapshotEditor editor(*from.snapshot);
  MATRICULA_TRY(const bool is_less, remove_gone(company, from.sequence, changes_max, editor));
  if (!is_less) {
    return std::nullopt;
  }
  MATRICULA_TRY(const bool is_all, put_changed(company, from.sequence, changes_max, editor));
  if (!is_all) {
    return std::nullopt;
  }
  return StoredState{.snapshot = editor.changes() == 0 ? from.snapshot : editor.finish(),
                     .sequence = state->last,
                     .epoch = state->epoch};
}

// False where more than `changes_max` rows were deleted.
Result<bool> StoreRows::remove_gone(const Company& company, std::int64_t after,
                                    std::int64_t changes_max, SnapshotEditor& editor) const {
  const Bind binds[] = {company.id, after, changes_max + 1};
  MATRICULA_TRY(const RowsHandle rows, company.session.query(*gone_, binds));
  storage::Position key;
  for (std::int64_t read = 0;; ++read) {
    MATRICULA_TRY(const bool is_row, rows->next());
    if (!is_row || read == changes_max) {
      return !is_row;
    }
    key.clear();
    for (std::size_t i = 0; i < key_parts_.size(); ++i) {
      const std::string_view text = rows->text(key_parts_[i]);
      const std::uint16_t source = layout_.indexes[layout_.key_index].parts[i];
      if (layout_.sources[source].type != sql::ColumnType::kUuid) {
        key.emplace_back(std::string(text));
        continue;
      }
      const std::optional<UuidBytes> uuid = read_uuid(text);
      if (!uuid) {
        return fail(ErrorCode::kCorrupt, "A delete names a person by something else than an id.");
      }
      key.emplace_back(std::string(storage::as_text(*uuid)));
    }
    editor.remove(key);
  }
}

// False where more than `changes_max` have changed, or one of them cannot be kept.
Result<bool> StoreRows::put_changed(const Company& company, std::int64_t after,
                                    std::int64_t changes_max, SnapshotEditor& editor) const {
  const Bind binds[] = {company.id, after, changes_max + 1};
  const Statement& statement = changes_max <= kFewChanges ? *few_changed_ : *changed_;
  MATRICULA_TRY(const RowsHandle rows, company.session.query(statement, binds));
  for (std::int64_t read = 0;; ++read) {
    MATRICULA_TRY(const bool is_row, rows->next());
    if (!is_row || read == changes_max) {
      return !is_row;
    }
    MATRICULA_CHECK(check_not_cancelled(company, static_cast<std::uint64_t>(read)));
    if (!editor.put(*rows)) {
      return false;
    }
  }
}

}  // namespace matricula::readmodel
