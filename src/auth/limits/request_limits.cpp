#include "auth/limits/request_limits.h"

#include <algorithm>
#include <sodium.h>

#include "auth/limits/window_sql.h"
#include "auth/schema/store.h"
#include "base/assert.h"

namespace matricula::auth {
namespace {

// Refusals in the cache; past it the cache is cleared, and the store is asked again.
constexpr std::size_t kRefusalsMax = 10'000;
// Counting reads and writes one row: a store that takes longer counts as unavailable.
constexpr std::chrono::milliseconds kAskLimit{1'000};

const storage::Statement kAdmit(
    "SELECT admitted, made, wait FROM admit_request(?1, ?2, ?3, ?4 = 1, ?5)");
const storage::Statement kAdmitMore(
    "INSERT INTO request_windows AS w (identity, times, ends_at, most)"
    " SELECT CAST(?1 AS BYTEA), array_fill(t.now, ARRAY[CAST(?3 AS INTEGER)]), t.now + ?5,"
    " CAST(?2 AS BIGINT) FROM (SELECT limit_time(?4) AS now) AS t" +
    std::string(kAddToWindow) + " RETURNING cardinality(w.times)::BIGINT");
// Of the times from ?3 microseconds ago on, the first.
const storage::Statement kTakeBack(
    "UPDATE request_windows SET times ="
    " times[: least(width_bucket(limit_time(?2) - ?3 - 1, times), cardinality(times) - 1)]"
    " || times[least(width_bucket(limit_time(?2) - ?3 - 1, times), cardinality(times) - 1) + 2 :]"
    " WHERE identity = ?1 AND cardinality(times) > 0");
// SKIP LOCKED: batches lock rows in the order of identities; this statement does not, and could
// deadlock with them.
const storage::Statement kSweep(
    "DELETE FROM request_windows WHERE identity IN (SELECT identity FROM request_windows"
    " WHERE ends_at < limit_time(?1)"
    " FOR UPDATE SKIP LOCKED)");

}  // namespace

ratelimit::LimiterOptions seeded_limits(std::uint32_t limit) {
  MATRICULA_ASSERT(sodium_init() >= 0);
  ratelimit::LimiterOptions options{.limit = limit};
  randombytes_buf(options.seed.data(), options.seed.size());
  return options;
}

RequestLimits::RequestLimits(const ratelimit::LimiterOptions& options, storage::Database& database,
                             const Clock& clock)
    : local_(options),
      window_(std::chrono::duration_cast<std::chrono::microseconds>(options.window)),
      time_(clock),
      texts_(database, window_, time_),
      database_(database),
      clock_(clock),
      sessions_(database) {}

ratelimit::Decision RequestLimits::admit(const ratelimit::Identity& identity,
                                         ratelimit::Nanoseconds now) {
  return decide(identity, now, local_.limit(), Ask::kCount);
}

ratelimit::Decision RequestLimits::admit(const ratelimit::Identity& identity,
                                         ratelimit::Nanoseconds now, std::uint32_t limit) {
  return decide(identity, now, limit, Ask::kCount);
}

ratelimit::Decision RequestLimits::peek(const ratelimit::Identity& identity,
                                        ratelimit::Nanoseconds now) {
  return decide(identity, now, local_.limit(), Ask::kPeek);
}

ratelimit::Decision RequestLimits::peek(const ratelimit::Identity& identity,
                                        ratelimit::Nanoseconds now, std::uint32_t limit) {
  return decide(identity, now, limit, Ask::kPeek);
}

ratelimit::Decision RequestLimits::decide(const ratelimit::Identity& identity,
                                          ratelimit::Nanoseconds now, std::uint32_t limit,
                                          Ask kind) {
  if (database_.is_shared() && limit != 0) {
    if (const auto refusal = cached_refusal(identity, now, limit)) {
      return *refusal;
    }
    if (const auto decision = ask(identity, limit, kind)) {
      return *decision;
    }
  }
  return kind == Ask::kCount ? local_.admit(identity, now, limit)
                             : local_.peek(identity, now, limit);
}

ratelimit::Decision RequestLimits::admit_more(const ratelimit::Identity& identity,
                                              ratelimit::Nanoseconds now, std::uint32_t limit,
                                              std::uint32_t count) {
  if (!database_.is_shared()) {
    return local_.admit(identity, now, limit, count);
  }
  const auto decision = ask_more(identity, limit, count);
  if (!decision) {
    return local_.admit(identity, now, limit, count);
  }
  // Not cached: fewer may be admitted. All that is counted leaves the window before it has passed.
  return decision->value_or(ratelimit::Decision{
      .admitted = false,
      .limit = limit,
      .retry_after_seconds =
          static_cast<std::uint32_t>(std::chrono::ceil<std::chrono::seconds>(window_).count())});
}

void RequestLimits::take_back(const ratelimit::Identity& identity, ratelimit::Nanoseconds then) {
  if (!database_.is_shared() || !ask_back(identity, then)) {
    local_.take_back(identity, then);
  }
}

ratelimit::Decision RequestLimits::peek_in_memory(const ratelimit::Identity& identity,
                                                  ratelimit::Nanoseconds now) {
  const std::uint32_t limit = local_.limit();
  if (!database_.is_shared() || limit == 0) {
    return local_.peek(identity, now, limit);
  }
  return cached_refusal(identity, now, limit)
      .value_or(ratelimit::Decision{.limit = limit, .remaining = limit});
}

std::optional<ratelimit::Decision> RequestLimits::cached_refusal(
    const ratelimit::Identity& identity, ratelimit::Nanoseconds now, std::uint32_t limit) {
  const auto until = refused_until(identity, now, limit);
  if (!until) {
    return std::nullopt;
  }
  // `until` may be counted from a later time than the caller's.
  const auto left =
      std::min(std::chrono::ceil<std::chrono::seconds>(*until - now),
               std::chrono::ceil<std::chrono::seconds>(std::chrono::nanoseconds(window_)));
  return ratelimit::Decision{.admitted = false,
                             .limit = limit,
                             .retry_after_seconds = static_cast<std::uint32_t>(left.count())};
}

std::optional<ratelimit::Nanoseconds> RequestLimits::refused_until(
    const ratelimit::Identity& identity, ratelimit::Nanoseconds now, std::uint32_t limit) {
  const std::lock_guard lock(mutex_);
  const auto found = refusals_.find(identity.digest);
  const bool holds =
      found != refusals_.end() && now < found->second.until && limit <= found->second.limit;
  return holds ? std::optional(found->second.until) : std::nullopt;
}

std::optional<Confirmation> RequestLimits::claim(const ratelimit::Identity& identity,
                                                 ratelimit::Nanoseconds now, std::uint32_t limit,
                                                 std::uint64_t generation) {
  // A batch does not read the time of the store: where this node's is missing or old, the request
  // is counted by ask(), which does.
  if (!database_.is_shared() ||
      (limit != 0 && (time_.is_old() || !time_.now() || refused_until(identity, now, limit)))) {
    return std::nullopt;
  }
  return Confirmation({.generation = generation, .identity = identity, .limit = limit});
}

Result<ratelimit::Decision> RequestLimits::ask(const ratelimit::Identity& identity,
                                               std::uint32_t limit, Ask kind) {
  MATRICULA_TRY(const IdleSessions::Lease session, ready_session());
  ratelimit::Decision decision{.limit = limit};
  std::chrono::microseconds wait{0};
  const auto digest = std::as_bytes(std::span(identity.digest));
  const Result<void> asked =
      each_row(*session, kAdmit,
               {storage::Bytes(digest), std::int64_t{limit}, std::int64_t{window_.count()},
                std::int64_t{kind == Ask::kCount ? 1 : 0}, time_.bind()},
               [&](const storage::Rows& rows) {
                 decision.admitted = rows.integer(0) != 0;
                 const std::int64_t left = std::int64_t{limit} - rows.integer(1);
                 decision.remaining = static_cast<std::uint32_t>(std::max<std::int64_t>(left, 0));
                 wait = std::chrono::microseconds(rows.integer(2));
               });
  const ratelimit::Nanoseconds answered = clock_.monotonic();
  MATRICULA_CHECK(asked);
  const std::lock_guard lock(mutex_);
  if (!decision.admitted) {
    wait = std::clamp(wait, std::chrono::microseconds(1), window_);
    decision.retry_after_seconds =
        static_cast<std::uint32_t>(std::chrono::ceil<std::chrono::seconds>(wait).count());
    if (refusals_.size() >= kRefusalsMax) {
      refusals_.clear();
    }
    // Counted from the answer on, the refusal ends a little late, never early.
    refusals_[identity.digest] = {.until = answered + wait, .limit = limit};
  } else {
    refusals_.erase(identity.digest);
  }
  return decision;
}

Result<std::optional<ratelimit::Decision>> RequestLimits::ask_more(
    const ratelimit::Identity& identity, std::uint32_t limit, std::uint32_t count) {
  MATRICULA_TRY(const IdleSessions::Lease session, ready_session());
  std::optional<ratelimit::Decision> decision;
  MATRICULA_CHECK(each_row(
      *session, kAdmitMore,
      {storage::Bytes(std::as_bytes(std::span(identity.digest))), std::int64_t{limit},
       std::int64_t{count}, time_.bind(), std::int64_t{window_.count()}},
      [&](const storage::Rows& rows) {
        decision = ratelimit::Decision{
            .limit = limit, .remaining = limit - static_cast<std::uint32_t>(rows.integer(0))};
      }));
  return decision;
}

Result<void> RequestLimits::ask_back(const ratelimit::Identity& identity,
                                     ratelimit::Nanoseconds then) {
  MATRICULA_TRY(const IdleSessions::Lease session, ready_session());
  const auto ago =
      std::chrono::duration_cast<std::chrono::microseconds>(clock_.monotonic() - then).count();
  const auto done =
      run(*session, kTakeBack,
          {storage::Bytes(std::as_bytes(std::span(identity.digest))), time_.bind(), ago});
  const std::lock_guard lock(mutex_);
  // A request that came since may have been refused for the one that is uncounted.
  refusals_.erase(identity.digest);
  MATRICULA_CHECK(done);
  return {};
}

Result<IdleSessions::Lease> RequestLimits::ready_session() {
  MATRICULA_TRY(IdleSessions::Lease session, sessions_.take());
  session->set_deadline(clock_.monotonic() + kAskLimit);
  if (time_.is_due()) {
    MATRICULA_CHECK(time_.keep(*session));
  }
  return session;
}

Result<void> RequestLimits::sweep() {
  if (!database_.is_shared()) {
    return {};
  }
  MATRICULA_TRY(const auto session, database_.open_access_session());
  const storage::Bind now[] = {time_.bind()};
  MATRICULA_CHECK(session->execute(kSweep, now));
  return {};
}

}  // namespace matricula::auth
