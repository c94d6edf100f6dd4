#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "readmodel/builder.h"
#include "readmodel/layout.h"
#include "readmodel/snapshot.h"
#include "records/entities.h"
#include "sql/dialect.h"
#include "storage/database.h"

namespace matricula::readmodel {

// A snapshot, and the position in the company's change sequence that it shows.
struct StoredState {
  std::shared_ptr<const Snapshot> snapshot;
  std::int64_t sequence = 0;
  std::string epoch;
};

// Reads a list's rows of one company from the store. Immutable; usable from any thread.
class StoreRows {
 public:
  // nullopt where the rows of the relation's table have no change numbers. `layout` must outlive
  // it.
  static std::optional<StoreRows> of(const Layout& layout, sql::Dialect dialect);

  // Which company to read, and through which session, in whose snapshot all is read.
  struct Company {
    storage::Session& session;
    std::string_view id;
    // Once another thread sets it, reading fails with kUnavailable.
    const std::atomic<bool>* is_cancelled = nullptr;
  };
  // All rows of a company, read but not sorted yet.
  struct ReadRows {
    SnapshotBuilder builder;
    std::int64_t sequence = 0;
    std::string epoch;
  };

  // All rows. kLimitExceeded where they take more than `bytes_max`; nullopt where there is no such
  // company.
  Result<std::optional<ReadRows>> read(const Company& company, std::uint64_t bytes_max) const;
  // Builds the state from the rows, without asking the store.
  static Result<StoredState> finish(ReadRows rows);

  // The state after `from`, made by applying the changes since. nullopt where more than
  // `changes_max` rows changed, or where the changes are not known: the company has to be loaded
  // anew.
  Result<std::optional<StoredState>> refresh(const Company& company, const StoredState& from,
                                             std::int64_t changes_max) const;

 private:
  StoreRows(const Layout& layout, sql::Dialect dialect, const records::Entity& entity);
  Result<bool> remove_gone(const Company& company, std::int64_t after, std::int64_t changes_max,
                           class SnapshotEditor& editor) const;
  Result<bool> put_changed(const Company& company, std::int64_t after, std::int64_t changes_max,
                           class SnapshotEditor& editor) const;

  const Layout& layout_;
  std::vector<unsigned> key_parts_;  // where a tombstone has each part of the key
  std::shared_ptr<const storage::Statement> all_;
  std::shared_ptr<const storage::Statement> changed_;
  std::shared_ptr<const storage::Statement> few_changed_;
  std::shared_ptr<const storage::Statement> gone_;
};

}  // namespace matricula::readmodel
