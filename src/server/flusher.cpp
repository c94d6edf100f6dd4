#include "server/flusher.h"

#include <fmt/format.h>
#include <utility>

#include "auth/trail/retention.h"
#include "records/change_upkeep.h"

namespace matricula::server {
namespace {

// Refused attempts are written about every second, uses less often: that is one more write
// transaction for numbers which need be no newer than a minute.
constexpr std::chrono::seconds kEvery{1};
// For other writers, at the end.
constexpr std::chrono::seconds kLastWait{3};
constexpr std::string_view kKept = "use and refusals could not be written; kept for later";
constexpr std::string_view kLost = "use and refusals could not be written; they are lost";
constexpr int kRoundsToUses = 15;
constexpr int kRoundsToAnHour = 3'600;
// Each deletion from the audit trail leaves a line there.
constexpr int kRoundsToADay = 24 * kRoundsToAnHour;
constexpr int kRoundsToASweep = 60;
constexpr std::chrono::seconds kReadLimit{3};
// A lead of the access clock beyond this is logged.
constexpr std::chrono::minutes kLeadMax{1};

}  // namespace

Flusher::Flusher(const Dependencies& dependencies, const Retention& retention)
    : pipeline_(dependencies.pipeline),
      data_(dependencies.data),
      refusals_(dependencies.refusals),
      database_(dependencies.database),
      clock_(dependencies.clock),
      access_clock_(dependencies.access_clock),
      logger_(dependencies.logger),
      retention_(retention),
      patience_{.clock = clock_, .ending = ending_.get_token()},
      calendar_(dependencies.clock) {
  repeater_.emplace(kEvery, [this] { work(); });
}

Flusher::~Flusher() {
  ending_.request_stop();
  repeater_.reset();
  const std::chrono::nanoseconds until = clock_.monotonic() + kLastWait;
  report(refusals_.flush_all(database_, until), kLost);
  report(pipeline_.flush_uses(until), kLost);
  report(data_.flush_uses(until), kLost);
}

void Flusher::work() {
  const auto write = [this](const auto& flush) {
    if (!patience_.ending.stop_requested()) {
      report(storage::write_patiently(patience_, flush), kKept);
    }
  };
  write([this](auto until) { return refusals_.flush(database_, until); });
  if (round_ % kRoundsToUses == 0) {
    write([this](auto until) { return pipeline_.flush_uses(until); });
    write([this](auto until) { return data_.flush_uses(until); });
    read_trail();
  }
  if (round_ % kRoundsToASweep == 0) {
    delete_old();
  }
  ++round_;
}

void Flusher::read_trail() {
  const auto read = [this]() -> Result<void> {
    MATRICULA_TRY(const auto reader, database_.open_reader());
    reader->set_deadline(clock_.monotonic() + kReadLimit);
    return access_clock_.read_trail(*reader);
  };
  report(read(), "the audit trail could not be read for the time of access");
  const auto lead = std::chrono::duration_cast<std::chrono::seconds>(access_clock_.lead());
  const bool was_ahead = std::exchange(is_ahead_, lead > kLeadMax);
  if (is_ahead_ && !was_ahead) {
    logger_.log(LogLevel::kWarning,
                "the system's clock is behind a time that was seen before: tokens and sessions end "
                "by the later time",
                {{"secondsBehind", fmt::to_string(lead.count()), true}});
  }
}

void Flusher::delete_old() {
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
  if (round_ % kRoundsToAnHour == 0) {
    drop_ended();
    drop_use();
  }
  if (round_ % kRoundsToADay == 0) {
    drop_audit();
  }
  sweep_tombstones();
}

// Deletes again until less than `whole` was left to delete, or the flusher ends.
template <typename Drop>
void Flusher::drop(std::int64_t whole, std::string_view failed, const Drop& drop_some) {
  while (!patience_.ending.stop_requested()) {
    const Result<std::int64_t> dropped = storage::write_patiently(patience_, drop_some);
    if (!dropped) {
      report(fail(dropped.error()), failed);
    }
    if (!dropped || *dropped < whole) {
      return;
    }
  }
}

void Flusher::drop_ended() {
  drop(auth::kDropsPerTransaction, "ended tokens could not be dropped",
       [this](auto until) { return auth::drop_ended_tokens(database_, clock_, until); });
}

void Flusher::drop_use() {
  drop(1, "old days of use could not be dropped",
       [this](auto until) { return auth::drop_oldest_use(database_, clock_, until); });
}

// Not on a shared store, where servers may not delete from the audit trail: the operator runs
// `matricula audit prune`.
void Flusher::drop_audit() {
  if (retention_.audit_days == 0 || database_.is_shared()) {
    return;
  }
  const Timestamp now = clock_.now();
  drop(auth::kAuditDropsPerTransaction, "old lines of the audit trail could not be deleted",
       [this, now](auto until) {
         return auth::drop_audit(database_, {.before = now - retention_.audit_days * kMicrosPerDay,
                                             .now = now,
                                             .wait_until = until});
       });
}

void Flusher::sweep_tombstones() {
  report(records::sweep_tombstones(
             database_,
             {.before = clock_.now() - Timestamp{retention_.tombstones_days} * kMicrosPerDay,
              .patience = patience_}),
         "tombstones could not be swept");
}

void Flusher::report(const Result<void>& done, std::string_view failed) {
  if (!done) {
    logger_.log(LogLevel::kWarning, failed,
                {{"error", done.error().message}, {"internal", done.error().internal}});
  }
}

}  // namespace matricula::server
