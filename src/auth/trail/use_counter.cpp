#include "auth/trail/use_counter.h"

#include <algorithm>
#include <cstring>

#include "auth/schema/store.h"

namespace matricula::auth {
namespace {

constexpr Timestamp kMicrosPerDay = 86'400'000'000;

const storage::Statement kCount(
    "INSERT INTO token_use_days(token_id, day, uses, refused) VALUES (?1, ?2, ?3, ?4)"
    " ON CONFLICT (token_id, day) DO UPDATE SET uses = token_use_days.uses + excluded.uses,"
    " refused = token_use_days.refused + excluded.refused");
const storage::Statement kTouchToken(
    "UPDATE api_tokens SET last_used_at = ?2"
    " WHERE id = ?1 AND (last_used_at IS NULL OR last_used_at < ?2)");
const storage::Statement kTouchCredential(
    "UPDATE client_credentials SET last_used_at = ?2"
    " WHERE id = ?1 AND (last_used_at IS NULL OR last_used_at < ?2)");
const storage::Statement kUses(
    "SELECT day, uses FROM token_use_days WHERE token_id = ?1 ORDER BY day");

}  // namespace

std::size_t UseCounter::HashKey::operator()(const Key& key) const {
  // Token ids are random, so that any part of one scatters well.
  std::size_t hash = 0;
  std::memcpy(&hash, key.token.value.data(), sizeof hash);
  return hash ^ static_cast<std::size_t>(key.day);
}

void UseCounter::count(const Principal& principal) {
  if (principal.kind != PrincipalKind::kToken) {
    return;
  }
  const Timestamp now = clock_.now();
  const std::lock_guard lock(mutex_);
  Use& use = uses_[{.token = principal.token_id, .day = now / kMicrosPerDay}];
  use.last = std::max(use.last, now);
  ++use.count;
  use.credential = principal.credential_id;
}

void UseCounter::count_refused(const Principal& principal) {
  if (principal.kind != PrincipalKind::kToken) {
    return;
  }
  const std::int64_t day = clock_.now() / kMicrosPerDay;
  const std::lock_guard lock(mutex_);
  ++uses_[{.token = principal.token_id, .day = day}].refused;
}

Result<void> UseCounter::flush_all(std::span<UseCounter* const> counters,
                                   storage::Database& database) {
  Uses all;
  for (UseCounter* const counter : counters) {
    Uses uses;
    {
      const std::lock_guard lock(counter->mutex_);
      uses.swap(counter->uses_);
    }
    add(uses, all);
  }
  if (all.empty()) {
    return {};
  }
  auto written =
      database.write_aside([&](storage::Session& session) { return write(session, all); });
  if (!written) {
    UseCounter& first = *counters.front();
    const std::lock_guard lock(first.mutex_);
    add(all, first.uses_);
  }
  return written;
}

void UseCounter::add(const Uses& more, Uses& uses) {
  for (const auto& [key, use] : more) {
    Use& kept = uses[key];
    kept.last = std::max(kept.last, use.last);
    kept.count += use.count;
    kept.refused += use.refused;
    kept.credential = use.credential ? use.credential : kept.credential;
  }
}

Result<void> UseCounter::write(storage::Session& transaction, const Uses& uses) {
  for (const auto& [key, use] : uses) {
    MATRICULA_CHECK(run(transaction, kCount, {key.token.bytes(), key.day, use.count, use.refused}));
    if (use.count == 0) {
      continue;
    }
    MATRICULA_CHECK(run(transaction, kTouchToken, {key.token.bytes(), use.last}));
    if (use.credential) {
      MATRICULA_CHECK(run(transaction, kTouchCredential, {use.credential->bytes(), use.last}));
    }
  }
  return {};
}

Result<std::vector<DayOfUse>> read_uses(storage::Session& reader, const Uuid& token_id) {
  std::vector<DayOfUse> days;
  MATRICULA_CHECK(each(reader, kUses, {token_id.bytes()}, [&](const storage::Rows& rows) {
    days.push_back({.day = rows.integer(0) * kMicrosPerDay, .uses = rows.integer(1)});
  }));
  return days;
}

}  // namespace matricula::auth
