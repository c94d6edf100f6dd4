#include "auth/trail/refusals.h"

#include <algorithm>
#include <iterator>

#include "auth/callers/errors.h"

namespace matricula::auth {
namespace {

constexpr Timestamp kMicrosPerMinute = 60'000'000;

}  // namespace

void Refusals::add(const Caller& caller, AuditEvent event) {
  event.refused = true;
  AuditRow row = audit_row(caller, event, clock_.now());
  const std::lock_guard lock(mutex_);
  keep(std::move(row));
}

void Refusals::add_once_a_minute(const Caller& caller, AuditEvent event) {
  event.refused = true;
  AuditRow row = audit_row(caller, event, clock_.now());
  std::string key = row.actor_id;
  for (const std::string* part : {&row.address, &row.action, &row.target}) {
    key.append(1, '\n').append(*part);
  }
  const std::int64_t minute = row.at / kMicrosPerMinute;
  const std::lock_guard lock(mutex_);
  if (minute != met_in_minute_) {
    met_.clear();
    met_in_minute_ = minute;
  }
  if (met_.contains(key)) {
    return;
  }
  // When there are too many to tell them apart, the rest is kept: that has a bound of its own.
  if (met_.size() < kPendingRefusalsMax) {
    met_.insert(std::move(key));
  }
  keep(std::move(row));
}

void Refusals::keep(AuditRow row) {
  if (pending_.size() == kPendingRefusalsMax) {
    ++dropped_;
    return;
  }
  pending_.push_back(std::move(row));
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

Result<void> Refusals::flush(storage::Database& database) {
  std::vector<AuditRow> rows;
  std::size_t dropped = 0;
  {
    const std::lock_guard lock(mutex_);
    rows.swap(pending_);
    std::swap(dropped, dropped_);
  }
  if (rows.empty()) {
    return {};
  }
  auto written = database.write_aside([&](storage::Session& session) -> Result<void> {
    for (const AuditRow& row : rows) {
      MATRICULA_CHECK(write_audit(session, row));
    }
    if (dropped > 0) {
      const Principal nobody;
      MATRICULA_CHECK(write_audit(
          session, audit_row({.principal = nobody, .address = {}},
                             {.action = "refusals.dropped",
                              .detail = std::to_string(dropped) + " more refused attempts",
                              .refused = true},
                             clock_.now())));
    }
    return {};
  });
  if (!written) {
    // In front of what came meanwhile, as far as there is room.
    const std::lock_guard lock(mutex_);
    const std::size_t room = kPendingRefusalsMax - std::min(kPendingRefusalsMax, rows.size());
    const std::size_t kept = std::min(room, pending_.size());
    dropped_ += dropped + pending_.size() - kept;
    rows.insert(rows.end(), std::make_move_iterator(pending_.begin()),
                std::make_move_iterator(pending_.begin() + static_cast<std::ptrdiff_t>(kept)));
    pending_.swap(rows);
  }
  return written;
}

}  // namespace matricula::auth
