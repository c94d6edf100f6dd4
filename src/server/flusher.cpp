#include "server/flusher.h"

#include "auth/trail/retention.h"
#include "records/change_upkeep.h"

namespace matricula::server {
namespace {

// Refused attempts are soon in the trail; uses are counted to the minute, and each writing of them
// makes every thread read its tokens again where the store is SQLite.
constexpr std::chrono::seconds kEvery{1};
constexpr int kRoundsToUses = 15;
constexpr int kRoundsToAnHour = 3'600;
constexpr int kRoundsToASweep = 60;
constexpr Timestamp kMicrosPerDay = 86'400'000'000;

}  // namespace

Flusher::Flusher(pipeline::Pipeline& pipeline, auth::Refusals& refusals,
                 storage::Database& database, const Clock& clock, Logger& logger,
                 std::uint32_t tombstones_days)
    : pipeline_(pipeline),
      refusals_(refusals),
      database_(database),
      clock_(clock),
      logger_(logger),
      tombstones_days_(tombstones_days) {
  repeater_.emplace(kEvery, [this] { work(); });
}

Flusher::~Flusher() {
  repeater_.reset();
  report(refusals_.flush(database_));
  report(pipeline_.flush_uses());
}

void Flusher::work() {
  report(refusals_.flush(database_));
  if (round_ % kRoundsToUses == 0) {
    report(pipeline_.flush_uses());
  }
  if (round_ % kRoundsToAnHour == 0) {
    drop_ended();
  }
  if (round_ % kRoundsToASweep == 0) {
    sweep_tombstones();
  }
  ++round_;
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

void Flusher::sweep_tombstones() {
  const auto swept = records::sweep_tombstones(
      database_, clock_.now() - Timestamp{tombstones_days_} * kMicrosPerDay);
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
