#include "records/tombstones.h"

#include <vector>

#include "records/change_sql.h"

namespace matricula::records {
namespace {

using storage::Bind;
using storage::RowsHandle;
using storage::Session;

// With fewer keys, a statement for each is cheaper than the one for kBatch; in SQLite it always is.
constexpr std::size_t kSingleMax = 8;

std::array<Bind, 5> binds_of(std::string_view company, EntityId entity, const KeyTexts& key) {
  return {company, static_cast<std::int64_t>(entity), std::string_view(key[0]),
          std::string_view(key[1]), std::string_view(key[2])};
}

}  // namespace

Result<void> Tombstones::add(Session& session, std::string_view company, EntityId entity,
                             const KeyTexts& key, std::int64_t number, Timestamp changed_at) {
  forget(company, entity, key);
  const std::array<Bind, 5> of = binds_of(company, entity, key);
  const Bind binds[] = {of[0], of[1], of[2], of[3], of[4], number, std::int64_t{changed_at}};
  MATRICULA_CHECK(session.execute(change_statements(database_.dialect()).add_tombstone, binds));
  return {};
}

Result<void> Tombstones::drop(Session& session, std::string_view company, EntityId entity,
                              const KeyTexts& key) {
  const auto table = pending_.try_emplace({std::string(company), entity}).first;
  pending_count_ += table->second.insert(key).second ? 1 : 0;
  if (pending_count_ >= kPendingMax) {
    return flush(session);
  }
  if (table->second.size() < kBatch) {
    return {};
  }
  const auto full = pending_.extract(table);
  pending_count_ -= full.mapped().size();
  return flush_table(session, full.key(), full.mapped());
}

Result<void> Tombstones::restore(Session& session, Session& before, std::string_view company,
                                 EntityId entity, const KeyTexts& key) {
  const ChangeStatements& sql = change_statements(database_.dialect());
  forget(company, entity, key);
  const std::array<Bind, 5> binds = binds_of(company, entity, key);
  MATRICULA_CHECK(session.execute(sql.drop_tombstone, binds));
  MATRICULA_TRY(const RowsHandle rows, before.query(sql.find_tombstone, binds));
  MATRICULA_TRY(const bool had_tombstone, rows->next());
  if (!had_tombstone) {
    return {};
  }
  return add(session, company, entity, key, rows->integer(0), rows->integer(1));
}

Result<void> Tombstones::flush(Session& session) {
  for (const auto& [table, keys] : pending_) {
    MATRICULA_CHECK(flush_table(session, table, keys));
  }
  pending_.clear();
  pending_count_ = 0;
  return {};
}

Result<void> Tombstones::flush_table(Session& session, const Table& table,
                                     const std::set<KeyTexts>& keys) const {
  const ChangeStatements& sql = change_statements(database_.dialect());
  if (keys.size() <= kSingleMax || database_.dialect() == sql::Dialect::kSqlite) {
    for (const KeyTexts& key : keys) {
      MATRICULA_CHECK(
          session.execute(sql.drop_tombstone, binds_of(table.first, table.second, key)));
    }
    return {};
  }
  std::vector<Bind> binds = {std::string_view(table.first),
                             static_cast<std::int64_t>(table.second)};
  binds.reserve(2 + 3 * kBatch);
  for (const KeyTexts& key : keys) {
    binds.insert(binds.end(), key.begin(), key.end());
  }
  // A null equals no key.
  binds.resize(2 + 3 * kBatch);
  MATRICULA_CHECK(session.execute(sql.drop_tombstones, binds));
  return {};
}

void Tombstones::forget(std::string_view company, EntityId entity, const KeyTexts& key) {
  const auto table = pending_.find({std::string(company), entity});
  if (table != pending_.end()) {
    pending_count_ -= table->second.erase(key);
  }
}

}  // namespace matricula::records
