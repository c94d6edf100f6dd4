#include "auth/access/find_access_problems.h"

#include <fmt/format.h>
#include <iterator>
#include <string_view>

#include "records/statement_rows.h"

namespace matricula::auth {
namespace {

struct Check {
  std::string_view what;
  std::string_view from;  // what follows FROM, of rows that should not be
};

// What has been revoked may outlive the company that it read.
constexpr Check kChecks[] = {
    {"roles of people who do not exist",
     "user_roles t WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = t.user_id)"},
    {"admins of companies that do not exist",
     "user_roles t WHERE t.role = 'admin' AND NOT EXISTS (SELECT 1 FROM companies c WHERE c.id = "
     "t.company_id)"},
    {"passwords of people who do not exist",
     "user_passwords t WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = t.user_id)"},
    {"client credentials of companies that do not exist",
     "credential_companies t JOIN client_credentials k ON k.id = t.credential_id WHERE "
     "k.revoked_at IS NULL AND NOT EXISTS (SELECT 1 FROM companies c WHERE c.id = t.company_id)"},
    {"client credentials without a secret",
     "client_credentials t WHERE t.revoked_at IS NULL AND NOT EXISTS (SELECT 1 FROM "
     "credential_secrets s WHERE s.credential_id = t.id)"},
    {"scopes of companies that do not exist",
     "token_scopes t JOIN api_tokens k ON k.id = t.token_id WHERE t.deleted_at IS NULL AND "
     "k.revoked_at IS NULL AND k.credential_id IS NULL AND NOT EXISTS (SELECT 1 FROM companies c "
     "WHERE c.id = t.scope_key)"},
    {"limits of companies that do not exist; `matricula limits clear --company ID` removes one",
     "limit_overrides t WHERE t.subject = 'company' AND NOT EXISTS (SELECT 1 FROM companies c "
     "WHERE "
     "c.id = t.id)"},
    {"tokens whose digest is none", "api_tokens t WHERE length(t.digest) <> 32"},
    {"client secrets whose digest is none", "credential_secrets t WHERE length(t.digest) <> 32"},
    {"sessions whose digest is none", "sessions t WHERE length(t.digest) <> 32"},
    {"tokens in a store that does not know its key file",
     "api_tokens t WHERE NOT EXISTS (SELECT 1 FROM store_keys WHERE name = 'check')"},
};

// Their ids are texts there, and bytes in their own table.
Check limits_of_credentials(sql::Dialect dialect) {
  constexpr std::string_view kWhat =
      "limits of client credentials that do not exist; `matricula limits clear --credential ID` "
      "removes one";
  return dialect == sql::Dialect::kSqlite
             ? Check{kWhat,
                     "limit_overrides t WHERE t.subject = 'credential' AND NOT EXISTS (SELECT 1 "
                     "FROM client_credentials k WHERE lower(hex(k.id)) = replace(t.id, '-', ''))"}
             : Check{kWhat,
                     "limit_overrides t WHERE t.subject = 'credential' AND NOT EXISTS (SELECT 1 "
                     "FROM client_credentials k WHERE encode(k.id, 'hex') = replace(t.id, '-', "
                     "''))"};
}

}  // namespace

Result<std::vector<std::string>> find_access_problems(storage::Session& session) {
  std::vector<std::string> problems;
  std::vector<Check> checks(std::begin(kChecks), std::end(kChecks));
  checks.push_back(limits_of_credentials(session.dialect()));
  for (const Check& check : checks) {
    const storage::Statement count(fmt::format("SELECT count(*) FROM {}", check.from));
    MATRICULA_TRY(const std::optional<std::int64_t> rows, records::one_integer(session, count, {}));
    if (rows.value_or(0) > 0) {
      problems.push_back(fmt::format("{} {}", *rows, check.what));
    }
  }
  return problems;
}

}  // namespace matricula::auth
