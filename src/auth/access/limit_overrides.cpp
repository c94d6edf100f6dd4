#include "auth/access/limit_overrides.h"

#include <fmt/format.h>

#include "auth/access/credential_rows.h"
#include "auth/callers/errors.h"
#include "auth/schema/directory.h"
#include "auth/schema/store.h"
#include "auth/trail/audit.h"
#include "base/assert.h"
#include "ratelimit/limiter.h"

namespace matricula::auth {
namespace {

const storage::Statement kSet(
    "INSERT INTO limit_overrides(subject, id, requests) VALUES (?1, ?2, ?3)"
    " ON CONFLICT (subject, id) DO UPDATE SET requests = excluded.requests");
const storage::Statement kClear("DELETE FROM limit_overrides WHERE subject = ?1 AND id = ?2");
const storage::Statement kList(
    "SELECT subject, id, requests FROM limit_overrides ORDER BY subject, id");

std::string_view subject_name(LimitSubject subject) {
  switch (subject) {
    case LimitSubject::kCompany:
      return "company";
    case LimitSubject::kCredential:
      return "credential";
  }
  MATRICULA_ASSERT(false);
  return {};
}

// The id of what a limit is for, as it is stored, and the companies that this concerns.
struct Subject {
  std::string id;
  std::vector<std::string> companies;
};

// kNotFound for a company or credential that does not exist.
Result<Subject> known_subject(storage::Session& session, const LimitOverride& limit) {
  const Error missing{.code = ErrorCode::kNotFound,
                      .message = "There is no " + std::string(subject_name(limit.subject)) + " \"" +
                                 limit.id + "\"."};
  if (limit.subject == LimitSubject::kCompany) {
    MATRICULA_TRY(const auto company, find_company(session, limit.id));
    return company ? Result<Subject>(Subject{company->id, {company->id}}) : fail(missing);
  }
  const auto id = parse_uuid(limit.id);
  if (!id) {
    return fail(missing);
  }
  MATRICULA_TRY(const auto credential, read_credential(session, *id, 0));
  return credential ? Result<Subject>(Subject{credential->id, credential->company_ids})
                    : fail(missing);
}

}  // namespace

Result<void> set_limit(storage::Database& database, const Clock& clock, const LimitOverride& limit,
                       const Caller& caller) {
  if (!caller.principal.has_staff_rights()) {
    return fail(not_authorized());
  }
  if (limit.limit > ratelimit::kLimitMax) {
    return fail(ErrorCode::kBadUserInput,
                fmt::format("A limit may be at most {} requests.", ratelimit::kLimitMax));
  }
  return database.write_access([&](storage::Session& session) -> Result<void> {
    MATRICULA_TRY(const Subject subject, known_subject(session, limit));
    MATRICULA_CHECK(
        run(session, kSet, {subject_name(limit.subject), subject.id, std::int64_t{limit.limit}}));
    return write_audit(session,
                       audit_row(caller,
                                 {.action = "limits.set",
                                  .target = subject.id,
                                  .detail = std::to_string(limit.limit) + " requests in 60 s",
                                  .companies = subject.companies},
                                 clock.now()));
  });
}

Result<void> clear_limit(storage::Database& database, const Clock& clock, LimitSubject subject,
                         std::string_view id, const Caller& caller) {
  if (!caller.principal.has_staff_rights()) {
    return fail(not_authorized());
  }
  return database.write_access([&](storage::Session& session) -> Result<void> {
    MATRICULA_TRY(const std::int64_t cleared, run(session, kClear, {subject_name(subject), id}));
    AuditEvent event{.action = "limits.clear", .target = std::string(id)};
    if (subject == LimitSubject::kCompany) {
      event.companies.push_back(event.target);
    } else if (const auto uuid = parse_uuid(id)) {
      MATRICULA_TRY(const auto credential, read_credential(session, *uuid, 0));
      event.companies = credential ? credential->company_ids : std::vector<std::string>();
    }
    return cleared == 0 ? Result<void>()
                        : write_audit(session, audit_row(caller, event, clock.now()));
  });
}

Result<std::vector<LimitOverride>> list_limits(storage::Session& reader) {
  std::vector<LimitOverride> limits;
  MATRICULA_CHECK(each_row(reader, kList, {}, [&](const storage::Rows& rows) {
    limits.push_back(
        {.subject = rows.text(0) == "company" ? LimitSubject::kCompany : LimitSubject::kCredential,
         .id = text_of(rows, 1),
         .limit = static_cast<std::uint32_t>(rows.integer(2))});
  }));
  return limits;
}

}  // namespace matricula::auth
