#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "records/change_log.h"
#include "records/entities.h"
#include "records/handovers.h"
#include "records/limits.h"
#include "records/record_sql.h"
#include "records/references.h"
#include "records/user_table.h"
#include "storage/database.h"

namespace matricula::records {

// kDeferred: finish() reports the outcome of the record.
enum class Outcome { kChanged, kUnchanged, kDeleted, kDeferred };

// The only writer of the records of one entity: checks what they refer to, and reports every change
// to a ChangeLog. For one file's transaction; one thread at a time. Allocates nothing for a record
// whose references it has cached, but what the log keeps.
class EntityWriter {
 public:
  // `entity` and `changes` must outlive it.
  EntityWriter(const Entity& entity, sql::Dialect dialect, ChangeLog& changes,
               BroughtTimes times = BroughtTimes::kNotBeforeMoves);
  // Stores a record: values[i] is that of entity.fields[i], borrowed. kConflict is the reason why
  // this record cannot be; the transaction goes on without it. Any other error ends the
  // transaction. `now` is the value of a time that defaults to it; `tag` is given back by finish().
  Result<Outcome> put(storage::Session& session, std::span<const storage::Bind> values,
                      Timestamp now, std::uint64_t tag);
  // Deletes the record whose key fields hold these values; errors as those of put().
  Result<Outcome> remove(storage::Session& session, std::span<const storage::Bind> values);
  // Frees the e-mail address of a user that remove() will delete later, after other records
  // were put. Precondition: the entity is that of users.
  Result<void> release(storage::Session& session, std::span<const storage::Bind> values);
  // After release() and a remove(): a user that was not deleted has the address again, also in the
  // progress that `company` was given meanwhile. kConflict where another one has it now.
  Result<void> reclaim(storage::Session& session, std::span<const storage::Bind> values,
                       std::string_view company);
  // Called with the tag of a deferred record and with what put() would have returned.
  using Report = std::function<Result<void>(std::uint64_t tag, const Result<Outcome>& outcome)>;
  void set_report(Report report) { report_ = std::move(report); }
  // After the last record: settles what was deferred. Then the ChangeLog can be finished.
  Result<void> finish(storage::Session& session);

  // The values that a record of program progress copies from records that it refers to. Borrowed
  // until the next call; empty for other entities.
  struct Copies {
    std::string_view email_key;
    std::string_view title_key;
  };
  // The first part of put(): checks that all records that it refers to exist, in its company.
  Result<Copies> check_references(storage::Session& session, std::span<const storage::Bind> values);
  // Appends the parameters of upsert_sql() for a record of progress that is merged with many
  // others, and reports it; `now` is the value of a time that it lacks.
  Result<void> stage(storage::Session& session, std::span<const storage::Bind> values,
                     const Copies& copies, Timestamp now, std::vector<storage::Bind>& out);
  // UserTable::add_new() for the values of many users, one after the other.
  Result<AddedUsers> add_new_users(storage::Session& session, storage::RowCopier& copier,
                                   std::span<const storage::Bind> rows);
  // Looks up the references of many records with few statements, so that their checks need none.
  // `rows` holds the records one after the other, at most kReferencesMax.
  Result<void> fetch_references(storage::Session& session, std::span<const storage::Bind> rows);

 private:
  class UniqueValues;
  // An attempt as the store has it; user: bytes, empty for none.
  struct Attempt {
    std::string company;
    std::string assessment;
    std::string user;
  };
  // Places of fields of assessment progress.
  static constexpr std::size_t kAttemptId = 1;
  static constexpr std::size_t kAttemptUser = 2;
  static constexpr std::size_t kAttemptAssessment = 3;

  void append_parameters(std::span<const storage::Bind> values, const Copies& copies, Timestamp now,
                         std::int64_t number, std::vector<storage::Bind>& out) const;
  Result<Outcome> put_row(storage::Session& session, std::span<const storage::Bind> values,
                          Timestamp now);
  Result<Outcome> put_user(storage::Session& session, std::span<const storage::Bind> values);
  Result<Outcome> put_progress(storage::Session& session, std::span<const storage::Bind> values,
                               const Copies& copies, Timestamp now);
  Result<Outcome> defer(std::span<const storage::Bind> values, Timestamp now, std::uint64_t tag);
  Result<void> settle_deferred(storage::Session& session, std::span<const storage::Bind> values);
  Handovers::Settle settler(storage::Session& session);
  bool has_unique_value() const;
  Result<bool> delete_row(storage::Session& session, std::span<const storage::Bind> values);
  Result<Outcome> remove_progress(storage::Session& session, std::span<const storage::Bind> values);
  Result<void> note_put(storage::Session& session, std::span<const storage::Bind> values);
  Result<void> note_removal(storage::Session& session, std::span<const storage::Bind> values);
  Result<void> note_row(storage::Session& session, std::span<const storage::Bind> values);
  Result<void> note_moved_contract(storage::Session& session, std::string_view contract,
                                   std::string_view from, std::string_view to);
  Result<void> set_plan_resources(storage::Session& session, std::span<const storage::Bind> values);
  Result<void> drop_plan_resources(storage::Session& session, const storage::Bind& plan);
  Result<void> note_plan_resources(storage::Session& session, const storage::Bind& plan);
  Result<void> fetch_attempts(storage::Session& session, std::span<const storage::Bind> rows);
  Result<void> note_attempt_left(storage::Session& session, std::span<const storage::Bind> values);
  Result<void> check_slug(storage::Session& session, std::span<const storage::Bind> values);
  Result<void> check_company_stays(storage::Session& session,
                                   std::span<const storage::Bind> values);
  Result<void> check_is_not_referred_to(storage::Session& session,
                                        std::span<const storage::Bind> values);

  const Entity& entity_;
  const sql::Dialect dialect_;
  ChangeLog& changes_;
  const storage::Statement upsert_;
  const storage::Statement delete_;
  const Referrers referrers_;
  const std::optional<std::size_t> company_;  // index of companyId
  References references_;
  UserTable users_;
  Handovers handovers_;
  Report report_;
  std::unordered_map<std::string, Attempt> attempts_;  // of the records fetched last
  std::vector<storage::Bind> parameters_;              // of the current record
  // Copies for program progress, of the references checked last.
  std::string email_key_;
  std::string title_key_;
};

}  // namespace matricula::records
