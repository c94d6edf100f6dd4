#include "records/removals.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "records/key_text.h"
#include "records/limits.h"
#include "records/references.h"
#include "storage/database.h"

namespace matricula::records {

Result<void> Removals::note(EntityId entity, std::string_view key) {
  if (entity != EntityId::kCompanies && entity != EntityId::kUsers) {
    return {};
  }
  if (companies_.size() + users_.size() >= kRemovalsMax) {
    return fail(ErrorCode::kBadUserInput,
                fmt::format("More than {} companies and people are deleted at once: delete them by "
                            "several files.",
                            kRemovalsMax));
  }
  (entity == EntityId::kCompanies ? companies_ : users_).emplace_back(key);
  return {};
}

Result<void> Removals::recheck(storage::Session& session) const {
  MATRICULA_CHECK(recheck(session, EntityId::kCompanies, companies_));
  return recheck(session, EntityId::kUsers, users_);
}

Result<void> Removals::recheck(storage::Session& session, EntityId entity,
                               const std::vector<std::string>& keys) const {
  if (keys.empty()) {
    return {};
  }
  std::vector<storage::Value> values;
  values.reserve(keys.size());
  for (const std::string& key : keys) {
    values.push_back(entity == EntityId::kUsers ? storage::Value(std::as_bytes(std::span(key)))
                                                : storage::Value(std::string_view(key)));
  }
  const storage::Bind binds[] = {storage::ValueList{values}};
  for (const AccessReferrers& each : access_referrers(entity, session.dialect())) {
    const storage::Statement statement(each.sql);
    MATRICULA_TRY(const storage::RowsHandle rows, session.query(statement, binds));
    MATRICULA_TRY(const bool is_referred, rows->next());
    if (is_referred) {
      const storage::Bind key =
          entity == EntityId::kUsers ? storage::Bind(rows->bytes(0)) : storage::Bind(rows->text(0));
      return fail(ErrorCode::kConflict,
                  fmt::format("{} came to refer to the {} {} while it was being deleted.",
                              each.noun, records::entity(entity).noun, key_text(key)));
    }
  }
  return {};
}

}  // namespace matricula::records
