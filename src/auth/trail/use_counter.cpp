#include "auth/trail/use_counter.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

#include "auth/schema/store.h"
#include "storage/row_writes.h"

namespace matricula::auth {
namespace {

using storage::RowWrites;
using storage::Statement;
using storage::Value;

// Rows that one statement writes on PostgreSQL, while other writers of access data wait.
constexpr std::size_t kRowsAtOnce = 4'096;

// The keys of a token's uses have more parts than the tables, and no statement may write one row
// twice: hence the sums.
RowWrites of_tokens() {
  constexpr std::string_view kInsert = "INSERT INTO token_use_days(token_id, day, uses, refused)";
  constexpr std::string_view kAdd =
      " ON CONFLICT (token_id, day) DO UPDATE SET uses = token_use_days.uses + excluded.uses,"
      " refused = token_use_days.refused + excluded.refused";
  return {.width = 4,
          .one = Statement(fmt::format("{} VALUES (?1, ?2, ?3, ?4){}", kInsert, kAdd)),
          .many = Statement(
              fmt::format("{} SELECT token_id, day, SUM(uses)::bigint, SUM(refused)::bigint"
                          " FROM unnest(?1::bytea[], ?2::bigint[], ?3::bigint[], ?4::bigint[])"
                          " AS n(token_id, day, uses, refused) GROUP BY token_id, day{}",
                          kInsert, kAdd))};
}

// A time of 0: not used, only refused.
RowWrites of_companies() {
  constexpr std::string_view kInsert =
      "INSERT INTO company_use_days(company_id, token_id, day, uses, refused, last_used_at)";
  constexpr std::string_view kAdd =
      " ON CONFLICT (company_id, token_id, day) DO UPDATE SET"
      " uses = company_use_days.uses + excluded.uses,"
      " refused = company_use_days.refused + excluded.refused,"
      " last_used_at = CASE WHEN excluded.last_used_at < company_use_days.last_used_at"
      " OR excluded.last_used_at IS NULL"
      " THEN company_use_days.last_used_at ELSE excluded.last_used_at END";
  return {.width = 6,
          .one = Statement(
              fmt::format("{} VALUES (?1, ?2, ?3, ?4, ?5, NULLIF(?6, 0)){}", kInsert, kAdd)),
          .many = Statement(fmt::format(
              "{} SELECT company_id, token_id, day, SUM(uses)::bigint, SUM(refused)::bigint,"
              " NULLIF(MAX(used_at), 0) FROM unnest(?1::text[], ?2::bytea[], ?3::bigint[],"
              " ?4::bigint[], ?5::bigint[], ?6::bigint[])"
              " AS n(company_id, token_id, day, uses, refused, used_at)"
              " GROUP BY company_id, token_id, day{}",
              kInsert, kAdd))};
}

RowWrites of_endpoints() {
  constexpr std::string_view kInsert =
      "INSERT INTO company_endpoint_days(company_id, day, source_id, endpoint, uses, refused)";
  constexpr std::string_view kAdd =
      " ON CONFLICT (company_id, day, source_id, endpoint) DO UPDATE"
      " SET uses = company_endpoint_days.uses + excluded.uses,"
      " refused = company_endpoint_days.refused + excluded.refused";
  return {.width = 6,
          .one = Statement(fmt::format("{} VALUES (?1, ?2, ?3, ?4, ?5, ?6){}", kInsert, kAdd)),
          .many = Statement(
              fmt::format("{} SELECT company_id, day, source_id, endpoint, SUM(uses)::bigint,"
                          " SUM(refused)::bigint FROM unnest(?1::text[], ?2::bigint[], ?3::bytea[],"
                          " ?4::text[], ?5::bigint[], ?6::bigint[])"
                          " AS n(company_id, day, source_id, endpoint, uses, refused)"
                          " GROUP BY company_id, day, source_id, endpoint{}",
                          kInsert, kAdd))};
}

// The last use of what `table` has, which never goes back.
RowWrites last_use_of(std::string_view table) {
  return {.width = 2,
          .one = Statement(fmt::format("UPDATE {} SET last_used_at = ?2"
                                       " WHERE id = ?1 AND COALESCE(last_used_at, 0) < ?2",
                                       table)),
          .many = Statement(fmt::format(
              "UPDATE {0} SET last_used_at = n.used_at FROM (SELECT id, MAX(used_at) AS used_at"
              " FROM unnest(?1::bytea[], ?2::bigint[]) AS r(id, used_at) GROUP BY id) AS n"
              " WHERE {0}.id = n.id AND COALESCE({0}.last_used_at, 0) < n.used_at",
              table))};
}

RowWrites last_use_by_company() {
  return {
      .width = 3,
      .one = Statement("UPDATE credential_companies SET last_used_at = ?3 WHERE credential_id = ?1"
                       " AND company_id = ?2 AND COALESCE(last_used_at, 0) < ?3"),
      .many = Statement(
          "UPDATE credential_companies AS c SET last_used_at = n.used_at"
          " FROM (SELECT credential_id, company_id, MAX(used_at) AS used_at"
          " FROM unnest(?1::bytea[], ?2::text[], ?3::bigint[])"
          " AS r(credential_id, company_id, used_at) GROUP BY credential_id, company_id) AS n"
          " WHERE c.credential_id = n.credential_id AND c.company_id = n.company_id"
          " AND COALESCE(c.last_used_at, 0) < n.used_at")};
}

const RowWrites kOfTokens = of_tokens();
const RowWrites kOfCompanies = of_companies();
const RowWrites kOfEndpoints = of_endpoints();
const RowWrites kLastOfTokens = last_use_of("api_tokens");
const RowWrites kLastOfCredentials = last_use_of("client_credentials");
const RowWrites kLastByCompany = last_use_by_company();

// What one table gets of the uses. The values are borrowed from them.
struct TableRows {
  const RowWrites& writes;
  std::vector<Value> values = {};

  void add(std::initializer_list<Value> row) {
    values.insert(values.end(), row.begin(), row.end());
  }
};

const Statement kUses("SELECT day, uses FROM token_use_days WHERE token_id = ?1 ORDER BY day");

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
  TableRows tokens{.writes = kOfTokens};
  TableRows companies{.writes = kOfCompanies};
  TableRows endpoints{.writes = kOfEndpoints};
  TableRows last_of_tokens{.writes = kLastOfTokens};
  TableRows last_of_credentials{.writes = kLastOfCredentials};
  TableRows last_by_company{.writes = kLastByCompany};
  for (const auto& [key, use] : uses) {
    const storage::Bytes token = key.token.bytes();
    const std::string_view company = key.company;
    const bool is_token = key.token != Uuid();
    if (is_token) {
      tokens.add({token, key.day, use.count, use.refused});
    }
    const storage::Bytes source = key.credential ? key.credential->bytes() : token;
    if (!company.empty()) {
      // A credential that is sent itself counts like one of its tokens.
      companies.add(
          {company, is_token ? token : source, key.day, use.count, use.refused, use.last});
    }
    if (!company.empty() && !key.endpoint.empty()) {
      endpoints.add(
          {company, key.day, source, std::string_view(key.endpoint), use.count, use.refused});
    }
    if (is_token && use.count > 0) {
      last_of_tokens.add({token, use.last});
    }
    if (key.credential && use.count > 0) {
      last_of_credentials.add({key.credential->bytes(), use.last});
      last_by_company.add({key.credential->bytes(), company, use.last});
    }
  }
  for (const TableRows* const table :
       {&tokens, &companies, &endpoints, &last_of_tokens, &last_of_credentials, &last_by_company}) {
    MATRICULA_CHECK(
        storage::write_rows(transaction, table->writes, {}, table->values, kRowsAtOnce));
  }
  return {};
}

Result<void> note_last_use(storage::Session& transaction, const Uuid& credential_id,
                           std::string_view company_id, Timestamp at) {
  MATRICULA_CHECK(run(transaction, kLastOfCredentials.one, {credential_id.bytes(), at}));
  MATRICULA_CHECK(run(transaction, kLastByCompany.one, {credential_id.bytes(), company_id, at}));
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
