#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/result.h"
#include "records/entities.h"
#include "records/row_state.h"
#include "storage/database.h"

namespace matricula::records {

// The tombstones that one write transaction adds and deletes. Those of rows that are there again
// are deleted many at a time, since a statement for each would be a round trip for each row of a
// large file.
//
// For one transaction and one thread. Memory is bounded: beyond kPendingMax keys, all are deleted.
class Tombstones {
 public:
  // How many keys wait at most, and how many of one table of a company.
  static constexpr std::size_t kPendingMax = 16'384;
  static constexpr std::size_t kBatch = 256;

  // `database` must outlive it.
  explicit Tombstones(const storage::Database& database) : database_(database) {}

  // A row was deleted: leaves its tombstone, with the number and the time of the change.
  Result<void> add(storage::Session& session, std::string_view company, EntityId entity,
                   const KeyTexts& key, std::int64_t number, Timestamp changed_at);
  // A row was put: the next flush(), at the latest, deletes the tombstone that it may have.
  Result<void> drop(storage::Session& session, std::string_view company, EntityId entity,
                    const KeyTexts& key);
  // A row is neither in the committed state, which `before` reads, nor there now: leaves the
  // tombstone as it was before the write.
  Result<void> restore(storage::Session& session, storage::Session& before,
                       std::string_view company, EntityId entity, const KeyTexts& key);
  // Deletes what waits. To be called before tombstones are read.
  Result<void> flush(storage::Session& session);

 private:
  using Table = std::pair<std::string, EntityId>;  // of a company

  Result<void> flush_table(storage::Session& session, const Table& table,
                           const std::set<KeyTexts>& keys) const;
  void forget(std::string_view company, EntityId entity, const KeyTexts& key);

  const storage::Database& database_;
  std::map<Table, std::set<KeyTexts>> pending_;
  std::size_t pending_count_ = 0;
};

}  // namespace matricula::records
