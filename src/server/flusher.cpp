#include "server/flusher.h"

#include <utility>

#include "auth/trail/retention.h"
#include "records/change_upkeep.h"

namespace matricula::server {
namespace {

// Refused attempts are written about every second, uses less often: that is one more write
// transaction for numbers which need be no newer than a minute.
constexpr std::chrono::seconds kEvery{1};
constexpr int kRoundsToUses = 15;
constexpr int kRoundsToAnHour = 3'600;
constexpr int kRoundsToASweep = 60;

}  // namespace

Flusher::Flusher(const Dependencies& dependencies, const Retention& retention)
    : pipeline_(dependencies.pipeline),
      data_(dependencies.data),
      refusals_(dependencies.refusals),
      database_(dependencies.database),
      clock_(dependencies.clock),
      logger_(dependencies.logger),
      retention_(retention),
      calendar_(dependencies.clock) {
  repeater_.emplace(kEvery, [this] { work(); });
}

Flusher::~Flusher() {
  repeater_.reset();
  report(refusals_.flush_all(database_));
  report(pipeline_.flush_uses());
  report(data_.flush_uses());
}

void Flusher::work() {
  report(refusals_.flush(database_));
  if (round_ % kRoundsToUses == 0) {
    report(pipeline_.flush_uses());
    report(data_.flush_uses());
  }
  if (round_ % kRoundsToASweep == 0) {
    delete_old(round_ % kRoundsToAnHour == 0);
  }
  ++round_;
}

void Flusher::delete_old(bool is_hourly) {
  const bool was_trusted = std::exchange(trusts_calendar_, calendar_.is_trusted());
  if (!trusts_calendar_) {
    if (was_trusted) {
      logger_.log(LogLevel::kWarning,
                  "the system's clock was set by more than an hour: nothing that is old is deleted "
                  "for a day",
                  {});
    }
    return;
  }
  if (is_hourly) {
    drop_ended();
    drop_use();
    drop_audit();
  }
  sweep_tombstones();
}

void Flusher::drop_ended() {
  while (true) {
    const auto dropped = auth::drop_ended_tokens(database_, clock_);
    if (!dropped) {
      logger_.log(LogLevel::kWarning, "ended tokens could not be dropped",
                  {{"error", dropped.error().message}, {"internal", dropped.error().internal}});
    }
    if (!dropped || *dropped < auth::kDropsPerTransaction) {
      return;
    }
  }
}

void Flusher::drop_use() {
  while (true) {
    const auto dropped = auth::drop_oldest_use(database_, clock_);
    if (!dropped) {
      logger_.log(LogLevel::kWarning, "old days of use could not be dropped",
                  {{"error", dropped.error().message}, {"internal", dropped.error().internal}});
    }
    if (!dropped || *dropped == 0) {
      return;
    }
  }
}

// Not on a shared store, where servers may not delete from the audit trail: the operator runs
// `matricula audit prune`.
void Flusher::drop_audit() {
  if (retention_.audit_days == 0 || database_.is_shared()) {
    return;
  }
  const Timestamp before = clock_.now() - retention_.audit_days * kMicrosPerDay;
  while (true) {
    const auto dropped = auth::drop_audit(database_, before);
    if (!dropped) {
      logger_.log(LogLevel::kWarning, "old lines of the audit trail could not be deleted",
                  {{"error", dropped.error().message}, {"internal", dropped.error().internal}});
    }
    if (!dropped || *dropped < auth::kAuditDropsPerTransaction) {
      return;
    }
  }
}

void Flusher::sweep_tombstones() {
  const auto swept = records::sweep_tombstones(
      database_, clock_.now() - Timestamp{retention_.tombstones_days} * kMicrosPerDay);
  if (!swept) {
    logger_.log(LogLevel::kWarning, "tombstones could not be swept",
                {{"error", swept.error().message}, {"internal", swept.error().internal}});
  }
}

void Flusher::report(const Result<void>& done) {
  if (!done) {
    logger_.log(LogLevel::kWarning, "use and refusals could not be written; kept for later",
                {{"error", done.error().message}, {"internal", done.error().internal}});
  }
}

}  // namespace matricula::server
