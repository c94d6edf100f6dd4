#include "migrations/steps.h"

namespace matricula::migrations {

const std::string_view kAccessPostgres = R"sql(
CREATE TABLE store_keys(
  name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  value BYTEA NOT NULL
);

CREATE TABLE user_passwords(
  user_id BYTEA NOT NULL PRIMARY KEY,
  hash TEXT COLLATE "C" NOT NULL,
  updated_at BIGINT NOT NULL
);

CREATE TABLE user_roles(
  user_id BYTEA NOT NULL,
  role TEXT COLLATE "C" NOT NULL CHECK (role IN ('staff', 'admin')),
  company_id TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (user_id, role, company_id)
);

CREATE TABLE sessions(
  id BYTEA NOT NULL PRIMARY KEY,
  digest BYTEA NOT NULL UNIQUE,
  user_id BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions(user_id);
CREATE INDEX sessions_by_expiry ON sessions(expires_at);

CREATE TABLE client_credentials(
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id BYTEA NOT NULL UNIQUE,
  client_id TEXT COLLATE "C" NOT NULL UNIQUE,
  description TEXT COLLATE "C" NOT NULL,
  created_by BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  last_used_at BIGINT,
  revoked_at BIGINT,
  networks TEXT COLLATE "C" NOT NULL DEFAULT '',
  endpoints TEXT COLLATE "C" NOT NULL DEFAULT ''
);

CREATE TABLE credential_companies(
  credential_id BYTEA NOT NULL REFERENCES client_credentials(id),
  company_id TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (credential_id, company_id)
);
CREATE INDEX credential_companies_by_company ON credential_companies(company_id, credential_id);

CREATE TABLE credential_secrets(
  credential_id BYTEA NOT NULL REFERENCES client_credentials(id),
  number BIGINT NOT NULL,
  digest BYTEA NOT NULL,
  tail TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  ends_at BIGINT,
  PRIMARY KEY (credential_id, number)
);

CREATE TABLE api_tokens(
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id BYTEA NOT NULL UNIQUE,
  digest BYTEA NOT NULL UNIQUE,
  redacted TEXT COLLATE "C" NOT NULL,
  description TEXT COLLATE "C" NOT NULL,
  created_by BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  expires_at BIGINT,
  revoked_at BIGINT,
  credential_id BYTEA REFERENCES client_credentials(id),
  last_used_at BIGINT
);
CREATE INDEX api_tokens_by_maker ON api_tokens(created_by, number) WHERE credential_id IS NULL;
CREATE INDEX api_tokens_by_credential ON api_tokens(credential_id)
  WHERE credential_id IS NOT NULL;
CREATE INDEX api_tokens_by_expiry ON api_tokens(expires_at) WHERE credential_id IS NOT NULL;

CREATE TABLE token_scopes(
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id BYTEA NOT NULL UNIQUE,
  token_id BYTEA NOT NULL REFERENCES api_tokens(id),
  scope_type TEXT COLLATE "C" NOT NULL CHECK (scope_type IN ('COMPANY', 'CATALOG_COMPANY')),
  scope_key TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE INDEX token_scopes_by_token ON token_scopes(token_id, number);
CREATE UNIQUE INDEX token_scopes_in_force ON token_scopes(token_id, scope_type, scope_key)
  WHERE deleted_at IS NULL;
CREATE INDEX token_scopes_by_key ON token_scopes(scope_key, token_id) WHERE deleted_at IS NULL;

CREATE TABLE token_scope_actions(
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id BYTEA NOT NULL UNIQUE,
  token_id BYTEA NOT NULL REFERENCES api_tokens(id),
  scope_id BYTEA NOT NULL REFERENCES token_scopes(id),
  updated_by BYTEA NOT NULL,
  updated_at BIGINT NOT NULL,
  action TEXT COLLATE "C" NOT NULL CHECK (action IN ('ADDED', 'REMOVED'))
);
CREATE INDEX token_scope_actions_by_token ON token_scope_actions(token_id, number);

CREATE TABLE token_use_days(
  token_id BYTEA NOT NULL,
  day BIGINT NOT NULL,
  uses BIGINT NOT NULL,
  PRIMARY KEY (token_id, day)
);

CREATE TABLE limit_overrides(
  subject TEXT COLLATE "C" NOT NULL CHECK (subject IN ('company', 'credential')),
  id TEXT COLLATE "C" NOT NULL,
  requests BIGINT NOT NULL,
  PRIMARY KEY (subject, id)
);

CREATE TABLE audit_log(
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at BIGINT NOT NULL,
  actor_kind TEXT COLLATE "C" NOT NULL,
  actor_id TEXT COLLATE "C" NOT NULL,
  address TEXT COLLATE "C" NOT NULL,
  action TEXT COLLATE "C" NOT NULL,
  target TEXT COLLATE "C" NOT NULL,
  detail TEXT COLLATE "C" NOT NULL,
  refused BIGINT NOT NULL
);

-- The requests of the last window, oldest first, by whom they count for; see request_limits.h. Not
-- logged: a crash of the server forgets them. Written anew each time, so they are not compressed, and
-- up to some thousand stay in the row itself.
CREATE UNLOGGED TABLE request_windows(
  identity BYTEA NOT NULL PRIMARY KEY,
  times BIGINT[] NOT NULL,
  ends_at BIGINT NOT NULL
) WITH (fillfactor = 50, toast_tuple_target = 8160);
ALTER TABLE request_windows ALTER COLUMN times SET STORAGE EXTERNAL;

-- Counts a request unless that would pass the limit; with `counts` false, only tells. Exact among
-- all nodes: the row's lock orders them, and the server's clock is everybody's.
CREATE FUNCTION admit_request(who BYTEA, most BIGINT, span BIGINT, counts BOOLEAN,
                              OUT admitted BOOLEAN, OUT made BIGINT, OUT wait BIGINT)
LANGUAGE plpgsql AS $$
DECLARE
  kept BIGINT[];
  now_us BIGINT;
BEGIN
  SELECT times INTO kept FROM request_windows WHERE identity = who FOR UPDATE;
  IF NOT FOUND AND counts THEN
    INSERT INTO request_windows(identity, times, ends_at) VALUES (who, '{}', 0)
      ON CONFLICT DO NOTHING;
    SELECT times INTO kept FROM request_windows WHERE identity = who FOR UPDATE;
  END IF;
  kept := coalesce(kept, '{}');
  now_us := greatest((extract(epoch FROM clock_timestamp()) * 1000000)::BIGINT,
                     kept[cardinality(kept)]);
  kept := kept[width_bucket(now_us - span, kept) + 1 :];
  made := cardinality(kept);
  admitted := made < most;
  wait := CASE WHEN admitted THEN 0 ELSE kept[made - most + 1] + span - now_us END;
  IF admitted AND counts THEN
    made := made + 1;
    UPDATE request_windows SET times = kept || now_us, ends_at = now_us + span
      WHERE identity = who;
  END IF;
END
$$;
)sql";

const std::string_view kAuditCompaniesPostgres = R"sql(
CREATE TABLE audit_companies(
  number BIGINT NOT NULL,
  company_id TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (number, company_id)
);
CREATE INDEX audit_companies_by_company ON audit_companies(company_id, number);
)sql";

const std::string_view kUseByCompanyPostgres = R"sql(
ALTER TABLE audit_log ADD COLUMN attempts BIGINT NOT NULL DEFAULT 1;
ALTER TABLE audit_log ADD COLUMN last_at BIGINT;
ALTER TABLE credential_companies ADD COLUMN last_used_at BIGINT;

CREATE TABLE company_use_days(
  company_id TEXT COLLATE "C" NOT NULL,
  token_id BYTEA NOT NULL,
  day BIGINT NOT NULL,
  uses BIGINT NOT NULL,
  refused BIGINT NOT NULL,
  last_used_at BIGINT,
  PRIMARY KEY (company_id, token_id, day)
);
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

-- Read where roles get their privileges; see grant_to().
COMMENT ON TABLE audit_log IS 'append-only';
COMMENT ON TABLE audit_companies IS 'append-only';
-- Roles that got their privileges before this step.
DO $$
DECLARE
  grantee TEXT;
BEGIN
  FOR grantee IN
    SELECT DISTINCT r.rolname FROM pg_class AS c, aclexplode(c.relacl) AS p
      JOIN pg_roles AS r ON r.oid = p.grantee
      WHERE c.oid = 'audit_log'::regclass AND p.privilege_type = 'DELETE'
        AND p.grantee <> c.relowner
  LOOP
    EXECUTE format('REVOKE UPDATE, DELETE ON audit_log, audit_companies FROM %I', grantee);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON company_use_days TO %I', grantee);
  END LOOP;
END
$$;
)sql";

const std::string_view kUseByEndpointPostgres = R"sql(
CREATE TABLE company_endpoint_days(
  company_id TEXT COLLATE "C" NOT NULL,
  day BIGINT NOT NULL,
  source_id BYTEA NOT NULL,
  endpoint TEXT COLLATE "C" NOT NULL,
  uses BIGINT NOT NULL,
  refused BIGINT NOT NULL,
  PRIMARY KEY (company_id, day, source_id, endpoint)
);
CREATE INDEX company_endpoint_days_by_day ON company_endpoint_days(day);
)sql";

}  // namespace matricula::migrations
