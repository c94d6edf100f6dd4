#pragma once

#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "exchange/record.h"
#include "exchange/references.h"
#include "records/entities.h"
#include "records/user_table.h"
#include "storage/database.h"

namespace matricula::exchange {

enum class Outcome { kChanged, kUnchanged, kDeleted };

// Puts the records of one entity into the store, checking what they refer to. For one file's
// transaction; one thread at a time. Allocates nothing for a record whose references it remembers.
class RecordStore {
 public:
  RecordStore(const records::Entity& entity, sql::Dialect dialect);
  // Stores or deletes the record. kConflict is the reason why this record cannot be; the
  // transaction goes on without it. Any other error ends the transaction. `now` stands in for a
  // time that defaults to it.
  Result<Outcome> apply(storage::Session& session, const Record& record, Timestamp now);

 private:
  Result<Outcome> put(storage::Session& session, const Record& record, Timestamp now);
  Result<Outcome> put_user(storage::Session& session, const Record& record);
  Result<Outcome> remove(storage::Session& session, const Record& record);
  Result<bool> run_upsert(storage::Session& session, const Record& record, Timestamp now);
  Result<void> check_references(storage::Session& session, const Record& record);
  Result<void> check_slug(storage::Session& session, const Record& record);
  Result<void> check_company_stays(storage::Session& session, const Record& record);
  Result<void> check_is_not_referred_to(storage::Session& session, const Record& record);

  const records::Entity& entity_;
  const storage::Statement upsert_;
  const storage::Statement delete_;
  const Referrers referrers_;
  const std::optional<std::size_t> company_;  // where companyId stands
  References references_;
  records::UserTable users_;
  // Copies for program progress, of the references checked last.
  std::string email_key_;
  std::string title_key_;
};

}  // namespace matricula::exchange
