#pragma once

#include <chrono>
#include <memory>
#include <string_view>

#include "storage/database.h"

namespace matricula::storage {

// Settings of a session that hold as long as an object lives. They do not nest: the end of one
// leaves the session without the setting.

struct ClearTenant {
  void operator()(Session* session) const noexcept { session->set_tenant({}); }
};
using TenantScope = std::unique_ptr<Session, ClearTenant>;

// The session may see the rows of this company alone: see Session::set_tenant().
[[nodiscard]] inline TenantScope scope_to_tenant(Session& session, std::string_view company) {
  session.set_tenant(company);
  return TenantScope(&session);
}

struct ClearDeadline {
  void operator()(Session* session) const noexcept {
    session->set_deadline(std::chrono::nanoseconds::max());
  }
};
using DeadlineScope = std::unique_ptr<Session, ClearDeadline>;

// Statements of the session end at this time (Clock::monotonic): see Session::set_deadline().
[[nodiscard]] inline DeadlineScope scope_to_deadline(Session& session,
                                                     std::chrono::nanoseconds deadline) {
  session.set_deadline(deadline);
  return DeadlineScope(&session);
}

struct ClearGuard {
  void operator()(Session* session) const noexcept { session->set_guard(nullptr); }
};
using GuardScope = std::unique_ptr<Session, ClearGuard>;

// The guard goes ahead of the next statement, unless the scope ends before: see
// Session::set_guard().
[[nodiscard]] inline GuardScope scope_to_guard(Session& session, const GuardStatement& guard) {
  session.set_guard(&guard);
  return GuardScope(&session);
}

}  // namespace matricula::storage
