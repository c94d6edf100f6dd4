#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "records/entities.h"
#include "records/limits.h"
#include "records/removals.h"
#include "records/reports.h"
#include "records/row_state.h"
#include "records/tombstones.h"
#include "records/touched_keys.h"
#include "storage/database.h"

namespace matricula::records {

// Numbers the changes of one write transaction: each row of a company's tables that differs after
// the write gets the next number of that company, a deleted row leaves a tombstone, and rows that
// show a changed value of a parent move with it (`updatedAt`). Every write of a record reports
// here; since there is one writer at a time, numbers rise in the order of commits.
//
// A company's time never goes back, whatever the clock of the machine that writes does, and
// whichever machine of several it is: a change is never dated before the one that was committed
// last. Followers that ask for `updatedAt` from the last one that they saw on would miss it
// otherwise. While the clock is behind, all changes bear the last time; followers then read some
// rows twice.
//
// Progress rows are numbered as they are written. Other rows are compared with the committed state
// in finish(), once each, so that a row without a change gets no number. Reporting looks at no
// table: rows may be reported before they are written.
//
// For one transaction and one thread. Memory is bounded by `reports_max`: beyond it, reports are
// moved to a temporary table, and new users are added to their companies early.
class ChangeLog {
 public:
  // `database` and `clock` must outlive it.
  ChangeLog(storage::Database& database, const Clock& clock, std::size_t reports_max = kChangesMax)
      : database_(database),
        clock_(clock),
        reports_max_(reports_max),
        reports_(reports_max),
        tombstones_(database) {}

  // What the next written progress row of the company bears.
  struct Next {
    std::int64_t number;
    Timestamp not_before;  // the company's time: a row that brings none has this one or a later one
  };
  Result<Next> next(storage::Session& session, std::string_view company);
  // A progress row with the number of next() was written; `values` are those of the entity's
  // fields. It may have been the same before, where many rows are merged by one statement.
  Result<void> note_put(storage::Session& session, const Entity& entity,
                        std::span<const storage::Bind> values);
  // A progress row was deleted. `values` hold the company, the key and the references.
  Result<void> note_removed(storage::Session& session, const Entity& entity,
                            std::span<const storage::Bind> values);
  // A record of another entity was put or deleted; its key as in RowKey.
  Result<void> note_row(storage::Session& session, RowKey key);
  // A row that covers a program or an assessment in this company was put or deleted; or a record
  // about a user was put that was about another user before (kUsers: the bytes of the id).
  Result<void> note_coverage(storage::Session& session, std::string_view company, EntityId entity,
                             std::string_view key);
  // Settles the reports of entities other than progress: rows that show a changed value are moved
  // now, so that progress put from here on keeps its own times. Precondition: no row that was
  // reported so far gets its committed values back later.
  Result<void> settle_rows(storage::Session& session);
  // Settles all reports. To be called last in the transaction.
  Result<void> finish(storage::Session& session);
  // The companies and people that the write deletes.
  Removals& removals() { return removals_; }

 private:
  struct Company {
    std::string id;
    std::int64_t first = 0;   // the last number before this write
    std::int64_t last = 0;    // the last number given
    Timestamp last_time = 0;  // when `first` was given
    bool has_tombstones = false;
    bool is_removed = false;
    std::unordered_set<std::string> seen_users;  // a record about them was put
  };

  Result<Company*> company(storage::Session& session, std::string_view id);
  Result<storage::Session*> committed();
  Result<void> note_named(storage::Session& session, const Company& where, const Entity& of,
                          std::span<const storage::Bind> values);
  Result<void> settle_row(storage::Session& session, const RowKey& key);
  Result<void> settle_user(storage::Session& session, const RowKey& key, const RowState& before,
                           const RowState& after);
  Result<void> settle_shared(storage::Session& session, const RowKey& key, const RowState& before,
                             const RowState& after);
  Result<void> settle_owned(storage::Session& session, const RowKey& key, const RowState& before,
                            const RowState& after);
  Result<void> settle_title(storage::Session& session, const std::string& key);
  Result<void> settle_coverage(storage::Session& session, const Report& report);
  Result<void> settle_program(storage::Session& session, Company& company, std::string_view key);
  Result<void> settle_assessment(storage::Session& session, Company& company, std::string_view id);
  Result<void> add_users(storage::Session& session);
  Result<void> add_users(storage::Session& session, Company& company);
  Result<void> settle_left_user(storage::Session& session, Company& company,
                                const std::string& user);
  Result<void> number_row(storage::Session& session, Company& company, const RowKey& key,
                          bool is_new);
  Result<void> remove_row(storage::Session& session, Company& company, const RowKey& key);
  Result<void> add_tombstone(storage::Session& session, Company& company, EntityId entity,
                             const KeyTexts& key);
  Result<void> move_rows(storage::Session& session, Company& company,
                         const storage::Statement& statement, const storage::Bind& parent,
                         std::optional<std::string_view> copied);
  Result<std::vector<std::string>> companies_of(storage::Session& session,
                                                const storage::Statement& statement,
                                                const storage::Bind& key);
  Result<void> restore_unchanged(storage::Session& session);
  Result<void> restore_row(storage::Session& session, const TouchedKey& touched);
  Result<void> write_counters(storage::Session& session);
  Result<void> drop_company(storage::Session& session, const Company& company);
  void touch(const Company& company, EntityId entity, KeyTexts key);

  storage::Database& database_;
  const Clock& clock_;
  std::unique_ptr<storage::Session> committed_;
  std::map<std::string, Company, std::less<>> companies_;
  Company* current_ = nullptr;  // the one asked for last
  const std::size_t reports_max_;
  Reports reports_;
  std::size_t seen_users_ = 0;  // of all companies
  TouchedKeys touched_;
  Tombstones tombstones_;
  Removals removals_;
};

}  // namespace matricula::records
