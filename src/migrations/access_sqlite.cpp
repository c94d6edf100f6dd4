#include "migrations/steps.h"

namespace matricula::migrations {

const std::string_view kAccessSqlite = R"sql(
CREATE TABLE store_keys(
  name TEXT NOT NULL PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE user_passwords(
  user_id BLOB NOT NULL PRIMARY KEY,
  hash TEXT NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE user_roles(
  user_id BLOB NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('staff', 'admin')),
  company_id TEXT NOT NULL,
  PRIMARY KEY (user_id, role, company_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions(
  id BLOB NOT NULL PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,
  user_id BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions(user_id);
CREATE INDEX sessions_by_expiry ON sessions(expires_at);

CREATE TABLE client_credentials(
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE,
  client_id TEXT NOT NULL UNIQUE,
  description TEXT NOT NULL,
  created_by BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  last_used_at INTEGER,
  revoked_at INTEGER,
  networks TEXT NOT NULL DEFAULT '',
  endpoints TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE credential_companies(
  credential_id BLOB NOT NULL REFERENCES client_credentials(id),
  company_id TEXT NOT NULL,
  PRIMARY KEY (credential_id, company_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX credential_companies_by_company ON credential_companies(company_id, credential_id);

CREATE TABLE credential_secrets(
  credential_id BLOB NOT NULL REFERENCES client_credentials(id),
  number INTEGER NOT NULL,
  digest BLOB NOT NULL,
  tail TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  ends_at INTEGER,
  PRIMARY KEY (credential_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE api_tokens(
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE,
  digest BLOB NOT NULL UNIQUE,
  redacted TEXT NOT NULL,
  description TEXT NOT NULL,
  created_by BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER,
  credential_id BLOB REFERENCES client_credentials(id),
  last_used_at INTEGER
) STRICT;
CREATE INDEX api_tokens_by_maker ON api_tokens(created_by, number) WHERE credential_id IS NULL;
CREATE INDEX api_tokens_by_credential ON api_tokens(credential_id)
  WHERE credential_id IS NOT NULL;
CREATE INDEX api_tokens_by_expiry ON api_tokens(expires_at) WHERE credential_id IS NOT NULL;

CREATE TABLE token_scopes(
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE,
  token_id BLOB NOT NULL REFERENCES api_tokens(id),
  scope_type TEXT NOT NULL CHECK (scope_type IN ('COMPANY', 'CATALOG_COMPANY')),
  scope_key TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE INDEX token_scopes_by_token ON token_scopes(token_id, number);
CREATE UNIQUE INDEX token_scopes_in_force ON token_scopes(token_id, scope_type, scope_key)
  WHERE deleted_at IS NULL;
CREATE INDEX token_scopes_by_key ON token_scopes(scope_key, token_id) WHERE deleted_at IS NULL;

CREATE TABLE token_scope_actions(
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE,
  token_id BLOB NOT NULL REFERENCES api_tokens(id),
  scope_id BLOB NOT NULL REFERENCES token_scopes(id),
  updated_by BLOB NOT NULL,
  updated_at INTEGER NOT NULL,
  action TEXT NOT NULL CHECK (action IN ('ADDED', 'REMOVED'))
) STRICT;
CREATE INDEX token_scope_actions_by_token ON token_scope_actions(token_id, number);

CREATE TABLE token_use_days(
  token_id BLOB NOT NULL,
  day INTEGER NOT NULL,
  uses INTEGER NOT NULL,
  PRIMARY KEY (token_id, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE limit_overrides(
  subject TEXT NOT NULL CHECK (subject IN ('company', 'credential')),
  id TEXT NOT NULL,
  requests INTEGER NOT NULL,
  PRIMARY KEY (subject, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_log(
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_id TEXT NOT NULL,
  address TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  detail TEXT NOT NULL,
  refused INTEGER NOT NULL
) STRICT;
)sql";

const std::string_view kAuditCompaniesSqlite = R"sql(
CREATE TABLE audit_companies(
  number INTEGER NOT NULL,
  company_id TEXT NOT NULL,
  PRIMARY KEY (number, company_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_companies_by_company ON audit_companies(company_id, number);
)sql";

const std::string_view kUseByCompanySqlite = R"sql(
ALTER TABLE audit_log ADD COLUMN attempts INTEGER NOT NULL DEFAULT 1;
ALTER TABLE audit_log ADD COLUMN last_at INTEGER;
ALTER TABLE credential_companies ADD COLUMN last_used_at INTEGER;

CREATE TABLE company_use_days(
  company_id TEXT NOT NULL,
  token_id BLOB NOT NULL,
  day INTEGER NOT NULL,
  uses INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  last_used_at INTEGER,
  PRIMARY KEY (company_id, token_id, day)
) STRICT, WITHOUT ROWID;
INSERT INTO company_use_days(company_id, token_id, day, uses, refused)
  SELECT MIN(s.scope_key), u.token_id, u.day, u.uses, u.refused FROM token_use_days AS u
    JOIN token_scopes AS s ON s.token_id = u.token_id
    GROUP BY u.token_id, u.day, u.uses, u.refused HAVING COUNT(DISTINCT s.scope_key) = 1;
UPDATE credential_companies SET last_used_at =
    (SELECT c.last_used_at FROM client_credentials AS c WHERE c.id = credential_id)
  WHERE credential_id IN
    (SELECT credential_id FROM credential_companies GROUP BY credential_id HAVING COUNT(*) = 1);

CREATE INDEX api_tokens_live_of_credential ON api_tokens(credential_id, expires_at)
  WHERE credential_id IS NOT NULL AND revoked_at IS NULL;
)sql";

const std::string_view kUseByEndpointSqlite = R"sql(
CREATE TABLE company_endpoint_days(
  company_id TEXT NOT NULL,
  day INTEGER NOT NULL,
  source_id BLOB NOT NULL,
  endpoint TEXT NOT NULL,
  uses INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  PRIMARY KEY (company_id, day, source_id, endpoint)
) STRICT, WITHOUT ROWID;
CREATE INDEX company_endpoint_days_by_day ON company_endpoint_days(day);
)sql";

}  // namespace matricula::migrations
