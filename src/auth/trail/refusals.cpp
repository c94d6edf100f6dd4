#include "auth/trail/refusals.h"

#include <utility>
#include <vector>

#include "auth/callers/errors.h"

namespace matricula::auth {
namespace {

// A client chooses how many companies it names, and each of them is a row.
constexpr std::size_t kRefusedCompaniesMax = 10;

}  // namespace

void Refusals::add(const Caller& caller, AuditEvent event) {
  event.refused = true;
  if (event.companies.size() > kRefusedCompaniesMax) {
    event.companies.resize(kRefusedCompaniesMax);
  }
  AuditRow row = audit_row(caller, event, clock_.now());
  const std::lock_guard lock(mutex_);
  groups_.add(std::move(row), clock_.monotonic());
}

tl::unexpected<Error> Refusals::refuse(const Caller& caller, AuditEvent event) {
  add(caller, std::move(event));
  return fail(not_authorized());
}

Result<void> Refusals::note(Result<void> ended, const Caller& caller, const AuditEvent& event) {
  if (!ended && ended.error().code == ErrorCode::kUnauthorized) {
    add(caller, event);
  }
  return ended;
}

Result<void> Refusals::write(storage::Database& database, std::chrono::nanoseconds wait_until,
                             bool all) {
  std::vector<RefusalGroups::Line> lines;
  {
    const std::lock_guard lock(mutex_);
    lines = groups_.take(clock_.monotonic(), all);
  }
  if (lines.empty()) {
    return {};
  }
  auto written =
      database.write_keeping_caches(wait_until, [&](storage::Session& session) -> Result<void> {
        for (const RefusalGroups::Line& line : lines) {
          MATRICULA_CHECK(write_audit(session, line.row));
        }
        return {};
      });
  if (!written) {
    const std::lock_guard lock(mutex_);
    groups_.put_back(lines);
  }
  return written;
}

}  // namespace matricula::auth
