#include "auth/trail/audit.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

#include "auth/schema/store.h"
#include "base/assert.h"

namespace matricula::auth {
namespace {

const storage::Statement kInsert(
    "INSERT INTO audit_log(at, actor_kind, actor_id, address, action, target, detail, refused,"
    " attempts, last_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) RETURNING number");
const storage::Statement kInsertCompany(
    "INSERT INTO audit_companies(number, company_id) SELECT ?1, id FROM companies WHERE id = ?2"
    " ON CONFLICT DO NOTHING");
const storage::Statement kCompanies(
    "SELECT company_id FROM audit_companies WHERE number = ?1 ORDER BY company_id");

// Lines are in the order of their times, give or take some seconds: the oldest have the lowest
// numbers, and no index by time is needed.
const storage::Statement kOldest("SELECT number, at FROM audit_log ORDER BY number LIMIT ?1");
const storage::Statement kDrop("DELETE FROM audit_log WHERE number <= ?1");
const storage::Statement kDropCompanies("DELETE FROM audit_companies WHERE number <= ?1");

constexpr std::string_view kColumns =
    "SELECT l.number, l.at, l.actor_kind, l.actor_id, l.address, l.action, l.target, l.detail,"
    " l.refused, l.attempts, l.last_at FROM ";
// Both read the range of an index that has the company's numbers, and look its lines up one by one:
// with a plain join the store could read the lines of all companies instead. SQLite keeps the order
// of tables in a CROSS JOIN; PostgreSQL does not look into a subquery with OFFSET.
constexpr std::string_view kOfCompanySqlite =
    "audit_companies AS c CROSS JOIN audit_log AS l WHERE l.number = c.number";
constexpr std::string_view kOfCompanyPostgres =
    "audit_companies AS c CROSS JOIN LATERAL (SELECT * FROM audit_log WHERE number = c.number"
    " OFFSET 0) AS l WHERE true";

// A null parameter is a condition that was not given; ?5 is the end of a prefix.
constexpr std::string_view kFilter =
    " AND l.at >= ?1 AND l.at < ?2 AND (l.actor_id = ?3 OR ?3 IS NULL)"
    " AND ((l.action >= ?4 AND l.action < ?5) OR ?4 IS NULL) AND (l.target = ?6 OR ?6 IS NULL)"
    " AND (l.refused = ?7 OR ?7 IS NULL)";
const storage::Statement kSelect(fmt::format(
    "{}audit_log AS l WHERE l.number < ?8{} ORDER BY l.number DESC LIMIT ?9", kColumns, kFilter));

// For the lines of one company.
class CompanySelect {
 public:
  // What follows the tables.
  explicit CompanySelect(std::string_view rest)
      : sqlite_(fmt::format("{}{}{}", kColumns, kOfCompanySqlite, rest)),
        postgres_(fmt::format("{}{}{}", kColumns, kOfCompanyPostgres, rest)) {}
  const storage::Statement& in(sql::Dialect dialect) const {
    return dialect == sql::Dialect::kSqlite ? sqlite_ : postgres_;
  }

 private:
  storage::Statement sqlite_;
  storage::Statement postgres_;
};

const CompanySelect kSelectOfCompany(fmt::format(
    " AND c.company_id = ?10 AND c.number < ?8{} ORDER BY c.number DESC LIMIT ?9", kFilter));
const CompanySelect kSelectAllOfCompany(
    " AND c.company_id = ?1 AND c.number < ?2 ORDER BY c.number DESC LIMIT ?3");

AuditRow row_of(const storage::Rows& rows) {
  return {.number = rows.integer(0),
          .at = rows.integer(1),
          .actor_kind = text_of(rows, 2),
          .actor_id = text_of(rows, 3),
          .address = text_of(rows, 4),
          .action = text_of(rows, 5),
          .target = text_of(rows, 6),
          .detail = text_of(rows, 7),
          .refused = rows.integer(8) != 0,
          .attempts = rows.integer(9),
          .last_at = optional_time(rows, 10)};
}

storage::Bind bind_text(const std::optional<std::string>& text) {
  return text ? storage::Bind(std::string_view(*text)) : storage::Bind();
}

// The first text after all actions that the filter matches.
std::optional<std::string> action_end(const std::optional<std::string>& action) {
  if (!action || action->empty()) {
    return action;
  }
  std::string end = *action;
  if (end.back() == '.') {
    ++end.back();
  } else {
    end += '\x01';
  }
  return end;
}

// Whether the request has a client id and secret in place of a token made with them.
bool is_credential(const Principal& principal) {
  return principal.token_id == Uuid() && principal.credential_id;
}

// The operator decides how long lines are kept, for servers too.
AuditRow prune_row(const AuditDrop& drop, std::int64_t dropped) {
  const Principal principal = operator_principal();
  return audit_row({.principal = principal, .address = "local"},
                   {.action = "audit.prune",
                    .detail = fmt::format("{} lines older than {} days", dropped,
                                          (drop.now - drop.before) / kMicrosPerDay)},
                   drop.now);
}

}  // namespace

AuditRow audit_row(const Caller& caller, const AuditEvent& event, Timestamp at) {
  AuditRow row{.at = at,
               .actor_kind = {},
               .actor_id = {},
               .address = caller.address,
               .action = event.action,
               .target = event.target,
               .detail = event.detail,
               .refused = event.refused,
               .companies = event.companies};
  switch (caller.principal.kind) {
    case PrincipalKind::kAnonymous:
      row.actor_kind = "anonymous";
      break;
    case PrincipalKind::kToken:
      if (is_credential(caller.principal)) {
        row.actor_kind = "credential";
        row.actor_id = uuid_text(*caller.principal.credential_id);
      } else {
        row.actor_kind = "token";
        row.actor_id = uuid_text(caller.principal.token_id);
      }
      break;
    case PrincipalKind::kUser:
      row.actor_kind = "user";
      row.actor_id = uuid_text(caller.principal.user_id);
      break;
    case PrincipalKind::kOperator:
      row.actor_kind = "operator";
      break;
  }
  return row;
}

Result<void> write_audit(storage::Session& transaction, const AuditRow& row) {
  std::int64_t number = 0;
  MATRICULA_CHECK(
      each_row(transaction, kInsert,
               {row.at, row.actor_kind, row.actor_id, row.address, row.action, row.target,
                row.detail, std::int64_t{row.refused}, row.attempts, bind_optional(row.last_at)},
               [&](const storage::Rows& rows) { number = rows.integer(0); }));
  for (const std::string& company : row.companies) {
    MATRICULA_CHECK(run(transaction, kInsertCompany, {number, company}));
  }
  return {};
}

Result<std::int64_t> drop_audit(storage::Database& database, const AuditDrop& drop) {
  struct Oldest {
    std::int64_t count = 0;
    std::int64_t last = 0;  // the number of the last
  };
  const auto oldest = [&](storage::Session& session) -> Result<Oldest> {
    Oldest found;
    std::int64_t seen = 0;
    bool has_young = false;
    MATRICULA_CHECK(
        each_row(session, kOldest, {kAuditDropsPerTransaction}, [&](const storage::Rows& rows) {
          ++seen;
          const Timestamp at = rows.integer(1);
          has_young = has_young || (at >= drop.before && at <= drop.now);
          if (at < drop.before && !has_young) {
            found = {.count = seen, .last = rows.integer(0)};
          }
        }));
    return found;
  };
  {
    // Most often there is none: then no write transaction is begun, which others would wait for.
    MATRICULA_TRY(const auto reader, database.open_reader());
    MATRICULA_TRY(const Oldest found, oldest(*reader));
    if (found.count == 0) {
      return 0;
    }
  }
  std::int64_t dropped = 0;
  auto written = database.write_keeping_caches(
      drop.wait_until, [&](storage::Session& session) -> Result<void> {
        MATRICULA_TRY(const Oldest found, oldest(session));
        MATRICULA_CHECK(run(session, kDropCompanies, {found.last}));
        MATRICULA_CHECK(run(session, kDrop, {found.last}));
        dropped = found.count;
        return dropped > 0 ? write_audit(session, prune_row(drop, dropped)) : Result<void>();
      });
  MATRICULA_CHECK(std::move(written));
  return dropped;
}

Result<std::vector<AuditRow>> read_audit(storage::Session& reader, const AuditFilter& filter) {
  using Limits = std::numeric_limits<std::int64_t>;
  const std::optional<std::string> end = action_end(filter.action);
  const storage::Bind refused =
      filter.refused ? storage::Bind(std::int64_t{*filter.refused}) : storage::Bind();
  std::vector<storage::Bind> binds = {filter.from.value_or(Limits::min()),
                                      filter.to.value_or(Limits::max()),
                                      bind_text(filter.actor_id),
                                      bind_text(filter.action),
                                      bind_text(end),
                                      bind_text(filter.target),
                                      refused,
                                      filter.before.value_or(Limits::max()),
                                      filter.rows_max};
  if (filter.company_id) {
    binds.emplace_back(std::string_view(*filter.company_id));
  }
  std::vector<AuditRow> found;
  MATRICULA_CHECK(
      each_row(reader, filter.company_id ? kSelectOfCompany.in(reader.dialect()) : kSelect, binds,
               [&](const storage::Rows& rows) { found.push_back(row_of(rows)); }));
  for (AuditRow& row : found) {
    MATRICULA_CHECK(each_row(reader, kCompanies, {row.number}, [&](const storage::Rows& rows) {
      row.companies.push_back(text_of(rows, 0));
    }));
  }
  return found;
}

Result<std::vector<AuditRow>> read_company_audit(storage::Session& reader,
                                                 std::string_view company_id, std::int64_t before,
                                                 std::int64_t rows_max) {
  std::vector<AuditRow> found;
  MATRICULA_CHECK(each_row(reader, kSelectAllOfCompany.in(reader.dialect()),
                           {company_id, before, rows_max},
                           [&](const storage::Rows& rows) { found.push_back(row_of(rows)); }));
  return found;
}

}  // namespace matricula::auth
