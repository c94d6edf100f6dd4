#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "records/entities.h"
#include "records/references.h"
#include "records/user_table.h"
#include "storage/database.h"

namespace matricula::records {

enum class Outcome { kChanged, kUnchanged, kDeleted };

// Puts the records of one entity into the store, checking what they refer to. For one file's
// transaction; one thread at a time. Allocates nothing for a record whose references it remembers.
class EntityWriter {
 public:
  EntityWriter(const Entity& entity, sql::Dialect dialect);
  // Stores a record: values[i] is that of entity.fields[i], borrowed. kConflict is the reason why
  // this record cannot be; the transaction goes on without it. Any other error ends the
  // transaction. `now` stands in for a time that defaults to it.
  Result<Outcome> put(storage::Session& session, std::span<const storage::Bind> values,
                      Timestamp now);
  // Deletes the record whose key fields hold these values; errors as those of put().
  Result<Outcome> remove(storage::Session& session, std::span<const storage::Bind> values);

  // What a record of program progress keeps of those that it refers to. Borrowed until the next
  // call; empty for other entities.
  struct Copies {
    std::string_view email_key;
    std::string_view title_key;
  };
  // What put() does first: whether all that the record refers to is there, and of its company.
  Result<Copies> check_references(storage::Session& session, std::span<const storage::Bind> values);
  // Appends the parameters of upsert_sql() for a record; `now` stands in for a time that it lacks.
  void append_parameters(std::span<const storage::Bind> values, const Copies& copies, Timestamp now,
                         std::vector<storage::Bind>& out) const;
  // UserTable::add_new() for the values of many users, which stand one after the other.
  Result<AddedUsers> add_new_users(storage::Session& session, storage::RowCopier& copier,
                                   std::span<const storage::Bind> rows);
  // Looks up what many records refer to with few statements, so that their checks need none. The
  // rows stand one after the other, no more than kReferencesMax.
  Result<void> fetch_references(storage::Session& session, std::span<const storage::Bind> rows);

 private:
  Result<Outcome> put_user(storage::Session& session, std::span<const storage::Bind> values);
  Result<bool> run_upsert(storage::Session& session, std::span<const storage::Bind> values,
                          const Copies& copies, Timestamp now);
  Result<void> check_slug(storage::Session& session, std::span<const storage::Bind> values);
  Result<void> check_company_stays(storage::Session& session,
                                   std::span<const storage::Bind> values);
  Result<void> check_is_not_referred_to(storage::Session& session,
                                        std::span<const storage::Bind> values);

  const Entity& entity_;
  const storage::Statement upsert_;
  const storage::Statement delete_;
  const Referrers referrers_;
  const std::optional<std::size_t> company_;  // where companyId stands
  References references_;
  UserTable users_;
  std::vector<storage::Bind> parameters_;  // of the record at hand
  // Copies for program progress, of the references checked last.
  std::string email_key_;
  std::string title_key_;
};

}  // namespace matricula::records
