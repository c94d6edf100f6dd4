#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "records/change_reader.h"
#include "storage/database.h"
#include "storage/snapshot.h"

namespace matricula::dataapi {

// One state of the store for reading one company's rows, as long as this object is. Its session
// must outlive it and what was read.
class CompanySnapshot {
 public:
  static Result<CompanySnapshot> begin(storage::Session& session, std::string_view company) {
    session.set_tenant(company);
    CompanySnapshot of_company(session);
    MATRICULA_TRY(of_company.snapshot_, storage::begin_snapshot(session));
    return of_company;
  }

 private:
  struct ClearTenant {
    void operator()(storage::Session* session) const noexcept { session->set_tenant({}); }
  };
  explicit CompanySnapshot(storage::Session& session) : tenant_(&session) {}

  std::unique_ptr<storage::Session, ClearTenant> tenant_;
  storage::SnapshotHandle snapshot_;  // last: it ends before the tenant is cleared
};

// The current state of the company's sequence, by one statement outside of a snapshot.
inline Result<std::optional<records::SequenceState>> current_sequence(storage::Session& session,
                                                                      std::string_view company) {
  session.set_tenant(company);
  auto state = records::read_sequence(session, company);
  session.set_tenant({});
  return state;
}

}  // namespace matricula::dataapi
