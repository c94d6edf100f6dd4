#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "records/change_reader.h"
#include "storage/database.h"
#include "storage/session_scope.h"
#include "storage/snapshot.h"

namespace matricula::dataapi {

// One state of the store for reading one company's rows, as long as this object is. Its session
// must outlive it and what was read.
class CompanySnapshot {
 public:
  static Result<CompanySnapshot> begin(storage::Session& session, std::string_view company) {
    CompanySnapshot of_company(storage::scope_to_tenant(session, company));
    MATRICULA_TRY(of_company.snapshot_, storage::begin_snapshot(session));
    return of_company;
  }

 private:
  explicit CompanySnapshot(storage::TenantScope tenant) : tenant_(std::move(tenant)) {}

  storage::TenantScope tenant_;
  storage::SnapshotHandle snapshot_;  // last: it ends before the tenant is cleared
};

// The current state of the company's sequence, by one statement outside of a snapshot.
inline Result<std::optional<records::SequenceState>> current_sequence(storage::Session& session,
                                                                      std::string_view company) {
  const storage::TenantScope tenant = storage::scope_to_tenant(session, company);
  return records::read_sequence(session, company);
}

}  // namespace matricula::dataapi
