#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "records/change_reader.h"
#include "storage/database.h"

namespace matricula::dataapi {

// One state of the store for reading one company's rows, as long as this object is. Its session
// must outlive it and what was read.
class CompanySnapshot {
 public:
  static Result<CompanySnapshot> begin(storage::Session& session, std::string_view company) {
    session.set_tenant(company);
    CompanySnapshot snapshot(session);
    MATRICULA_CHECK(session.begin_snapshot());
    snapshot.has_begun_ = true;
    return snapshot;
  }
  CompanySnapshot(CompanySnapshot&& other) noexcept
      : session_(std::exchange(other.session_, nullptr)), has_begun_(other.has_begun_) {}
  CompanySnapshot& operator=(CompanySnapshot&&) = delete;
  CompanySnapshot(const CompanySnapshot&) = delete;
  CompanySnapshot& operator=(const CompanySnapshot&) = delete;
  ~CompanySnapshot() {
    if (session_ == nullptr) {
      return;
    }
    if (has_begun_) {
      session_->end_snapshot();
    }
    session_->set_tenant({});
  }

 private:
  explicit CompanySnapshot(storage::Session& session) : session_(&session) {}

  storage::Session* session_;
  bool has_begun_ = false;
};

// Where the company's sequence stands now, by one statement outside of a snapshot.
inline Result<std::optional<records::SequenceState>> current_sequence(storage::Session& session,
                                                                      std::string_view company) {
  session.set_tenant(company);
  auto state = records::read_sequence(session, company);
  session.set_tenant({});
  return state;
}

}  // namespace matricula::dataapi
