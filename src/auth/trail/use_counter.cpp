#include "auth/trail/use_counter.h"

#include <algorithm>
#include <cstring>

#include "auth/schema/store.h"

namespace matricula::auth {
namespace {

const storage::Statement kCount(
    "INSERT INTO token_use_days(token_id, day, uses, refused) VALUES (?1, ?2, ?3, ?4)"
    " ON CONFLICT (token_id, day) DO UPDATE SET uses = token_use_days.uses + excluded.uses,"
    " refused = token_use_days.refused + excluded.refused");
const storage::Statement kCountOfCompany(
    "INSERT INTO company_use_days(company_id, token_id, day, uses, refused, last_used_at)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (company_id, token_id, day) DO UPDATE SET"
    " uses = company_use_days.uses + excluded.uses,"
    " refused = company_use_days.refused + excluded.refused,"
    " last_used_at = COALESCE(excluded.last_used_at, company_use_days.last_used_at)");
const storage::Statement kCountOfEndpoint(
    "INSERT INTO company_endpoint_days(company_id, day, source_id, endpoint, uses, refused)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (company_id, day, source_id, endpoint) DO UPDATE"
    " SET uses = company_endpoint_days.uses + excluded.uses,"
    " refused = company_endpoint_days.refused + excluded.refused");
const storage::Statement kTouchToken(
    "UPDATE api_tokens SET last_used_at = ?2"
    " WHERE id = ?1 AND (last_used_at IS NULL OR last_used_at < ?2)");
const storage::Statement kTouchCredential(
    "UPDATE client_credentials SET last_used_at = ?2"
    " WHERE id = ?1 AND (last_used_at IS NULL OR last_used_at < ?2)");
const storage::Statement kTouchCompany(
    "UPDATE credential_companies SET last_used_at = ?3 WHERE credential_id = ?1"
    " AND company_id = ?2 AND (last_used_at IS NULL OR last_used_at < ?3)");
const storage::Statement kUses(
    "SELECT day, uses FROM token_use_days WHERE token_id = ?1 ORDER BY day");

}  // namespace

std::size_t UseCounter::HashKey::operator()(const Key& key) const {
  // Ids are random, so any part of one is a good hash.
  const Uuid& id = key.token == Uuid() && key.credential ? *key.credential : key.token;
  std::size_t hash = 0;
  std::memcpy(&hash, id.value.data(), sizeof hash);
  return hash ^ static_cast<std::size_t>(key.day);
}

UseCounter::Use& UseCounter::use_of(const Principal& principal,
                                    std::optional<std::string_view> company_header,
                                    std::string_view endpoint, Timestamp now) {
  return uses_[{.token = principal.token_id,
                .credential = principal.credential_id,
                .day = now / kMicrosPerDay,
                .company = std::string(counted_company(principal, company_header)),
                .endpoint = std::string(endpoint)}];
}

void UseCounter::count(const Principal& principal, std::optional<std::string_view> company_header,
                       std::string_view endpoint) {
  if (principal.kind != PrincipalKind::kToken) {
    return;
  }
  const Timestamp now = clock_.now();
  const std::lock_guard lock(mutex_);
  Use& use = use_of(principal, company_header, endpoint, now);
  use.last = std::max(use.last, now);
  ++use.count;
}

void UseCounter::count_refused(const Principal& principal,
                               std::optional<std::string_view> company_header,
                               std::string_view endpoint) {
  if (principal.kind != PrincipalKind::kToken) {
    return;
  }
  const std::lock_guard lock(mutex_);
  ++use_of(principal, company_header, endpoint, clock_.now()).refused;
}

Result<void> UseCounter::flush_all(std::span<UseCounter* const> counters,
                                   storage::Database& database,
                                   std::chrono::nanoseconds wait_until) {
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
  auto written = database.write_keeping_caches(
      wait_until, [&](storage::Session& session) { return write(session, all); });
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
  }
}

Result<void> UseCounter::write(storage::Session& transaction, const Uses& uses) {
  for (const auto& [key, use] : uses) {
    const auto token = key.token.bytes();
    const bool is_token = key.token != Uuid();
    if (is_token) {
      MATRICULA_CHECK(run(transaction, kCount, {token, key.day, use.count, use.refused}));
    }
    if (is_token && !key.company.empty()) {
      const storage::Bind last = use.count == 0 ? storage::Bind() : storage::Bind(use.last);
      MATRICULA_CHECK(run(transaction, kCountOfCompany,
                          {key.company, token, key.day, use.count, use.refused, last}));
    }
    if (!key.company.empty() && !key.endpoint.empty()) {
      const Uuid source = key.credential.value_or(key.token);
      MATRICULA_CHECK(
          run(transaction, kCountOfEndpoint,
              {key.company, key.day, source.bytes(), key.endpoint, use.count, use.refused}));
    }
    if (use.count == 0) {
      continue;
    }
    if (is_token) {
      MATRICULA_CHECK(run(transaction, kTouchToken, {token, use.last}));
    }
    if (key.credential) {
      MATRICULA_CHECK(run(transaction, kTouchCredential, {key.credential->bytes(), use.last}));
      MATRICULA_CHECK(
          run(transaction, kTouchCompany, {key.credential->bytes(), key.company, use.last}));
    }
  }
  return {};
}

Result<std::vector<DayOfUse>> read_uses(storage::Session& reader, const Uuid& token_id) {
  std::vector<DayOfUse> days;
  MATRICULA_CHECK(each_row(reader, kUses, {token_id.bytes()}, [&](const storage::Rows& rows) {
    days.push_back({.day = rows.integer(0) * kMicrosPerDay, .uses = rows.integer(1)});
  }));
  return days;
}

}  // namespace matricula::auth
