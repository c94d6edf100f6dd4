#include "auth/limits/idle_sessions.h"

#include <utility>

namespace matricula::auth {

Result<IdleSessions::Lease> IdleSessions::take() {
  std::unique_ptr<storage::Session> session;
  {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) {
      idle_.reserve(opened_ + 1);
      ++opened_;
    } else {
      session = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (session == nullptr) {
    MATRICULA_TRY(session, database_.open_access_session());
  }
  return Lease(session.release(), GiveBack{this});
}

void IdleSessions::give_back(storage::Session* session) noexcept {
  const std::lock_guard lock(mutex_);
  idle_.emplace_back(session);
}

}  // namespace matricula::auth
