#include "auth/trail/audit.h"

#include <algorithm>
#include <limits>

#include "auth/schema/store.h"
#include "base/assert.h"

namespace matricula::auth {
namespace {

const storage::Statement kInsert(
    "INSERT INTO audit_log(at, actor_kind, actor_id, address, action, target, detail, refused)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING number");
const storage::Statement kInsertCompany(
    "INSERT INTO audit_companies(number, company_id) SELECT ?1, id FROM companies WHERE id = ?2"
    " ON CONFLICT DO NOTHING");
const storage::Statement kCompanies(
    "SELECT company_id FROM audit_companies WHERE number = ?1 ORDER BY company_id");

// A null parameter stands for a condition that was not given; ?5 is the end of a prefix.
const storage::Statement kSelect(
    "SELECT number, at, actor_kind, actor_id, address, action, target, detail, refused"
    " FROM audit_log WHERE at >= ?1 AND at < ?2 AND (actor_id = ?3 OR ?3 IS NULL)"
    " AND ((action >= ?4 AND action < ?5) OR ?4 IS NULL) AND (target = ?6 OR ?6 IS NULL)"
    " AND (refused = ?7 OR ?7 IS NULL) AND (number IN"
    " (SELECT number FROM audit_companies WHERE company_id = ?8) OR ?8 IS NULL) AND number < ?9"
    " ORDER BY number DESC LIMIT ?10");

storage::Bind bind_text(const std::optional<std::string>& text) {
  return text ? storage::Bind(std::string_view(*text)) : storage::Bind();
}

// The first text after all that the filter means.
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
      row.actor_kind = "token";
      row.actor_id = uuid_text(caller.principal.token_id);
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
  MATRICULA_CHECK(each(transaction, kInsert,
                       {row.at, row.actor_kind, row.actor_id, row.address, row.action, row.target,
                        row.detail, std::int64_t{row.refused}},
                       [&](const storage::Rows& rows) { number = rows.integer(0); }));
  for (const std::string& company : row.companies) {
    MATRICULA_CHECK(run(transaction, kInsertCompany, {number, company}));
  }
  return {};
}

Result<std::vector<AuditRow>> read_audit(storage::Session& reader, const AuditFilter& filter) {
  using Limits = std::numeric_limits<std::int64_t>;
  const std::optional<std::string> end = action_end(filter.action);
  const storage::Bind refused =
      filter.refused ? storage::Bind(std::int64_t{*filter.refused}) : storage::Bind();
  std::vector<AuditRow> found;
  MATRICULA_CHECK(each(reader, kSelect,
                       {filter.from.value_or(Limits::min()), filter.to.value_or(Limits::max()),
                        bind_text(filter.actor_id), bind_text(filter.action), bind_text(end),
                        bind_text(filter.target), refused, bind_text(filter.company_id),
                        filter.before.value_or(Limits::max()), filter.rows_max},
                       [&](const storage::Rows& rows) {
                         found.push_back({.number = rows.integer(0),
                                          .at = rows.integer(1),
                                          .actor_kind = text_of(rows, 2),
                                          .actor_id = text_of(rows, 3),
                                          .address = text_of(rows, 4),
                                          .action = text_of(rows, 5),
                                          .target = text_of(rows, 6),
                                          .detail = text_of(rows, 7),
                                          .refused = rows.integer(8) != 0});
                       }));
  for (AuditRow& row : found) {
    MATRICULA_CHECK(each(reader, kCompanies, {row.number}, [&](const storage::Rows& rows) {
      row.companies.push_back(text_of(rows, 0));
    }));
  }
  return found;
}

}  // namespace matricula::auth
