#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "auth/callers/caller.h"
#include "auth/trail/audit.h"
#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

inline constexpr std::size_t kPendingRefusalsMax = 1'000;

// Refused attempts on their way to the audit trail. They change nothing, so they need no
// transaction of their own: a flood of them must not become a flood of writes. Past the bound they
// are counted, and one line says how many. Safe to call from any thread.
class Refusals {
 public:
  explicit Refusals(const Clock& clock) : clock_(clock) {}
  void add(const Caller& caller, AuditEvent event);
  // The same for what a client repeats as long as it is misconfigured: one line a minute for each
  // caller, address, action and target.
  void add_once_a_minute(const Caller& caller, AuditEvent event);
  // Keeps the attempt and gives `not authorized`.
  tl::unexpected<Error> refuse(const Caller& caller, AuditEvent event);
  // Keeps the attempt if that is how it ended; gives back how it ended.
  Result<void> note(Result<void> ended, const Caller& caller, const AuditEvent& event);
  // Moves what is pending into the audit trail. Keeps it when the store refuses. Called about every
  // second and at the end.
  Result<void> flush(storage::Database& database);

 private:
  void keep(AuditRow row);

  const Clock& clock_;
  std::mutex mutex_;
  std::vector<AuditRow> pending_;
  std::size_t dropped_ = 0;
  std::set<std::string> met_;       // in the minute, at most kPendingRefusalsMax
  std::int64_t met_in_minute_ = 0;  // since 1970
};

}  // namespace matricula::auth
