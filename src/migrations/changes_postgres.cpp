#include "migrations/steps.h"

namespace matricula::migrations {

// Entities are numbered as records::EntityId: 0 companies, 1 contracts, 3 programs, 4 contract
// programs, 5 assessments, 6 contract assessments, 7 learning plans.
const std::string_view kChangesPostgres = R"sql(
-- moved_at: when a shown value last changed in a parent; updated_at is never before it.
ALTER TABLE program_progress ADD COLUMN moved_at BIGINT;
ALTER TABLE assessment_progress ADD COLUMN moved_at BIGINT;
ALTER TABLE learning_plan_progress ADD COLUMN moved_at BIGINT;
ALTER TABLE program_progress ADD COLUMN change_seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE assessment_progress ADD COLUMN change_seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE learning_plan_progress ADD COLUMN change_seq BIGINT NOT NULL DEFAULT 0;

CREATE TABLE store_epoch(epoch TEXT COLLATE "C" NOT NULL PRIMARY KEY);
INSERT INTO store_epoch(epoch) VALUES (replace(gen_random_uuid()::text, '-', ''));

-- Tombstones up to pruned_seq are gone.
CREATE TABLE company_sequences(
  company_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  epoch TEXT COLLATE "C" NOT NULL,
  last_seq BIGINT NOT NULL,
  pruned_seq BIGINT NOT NULL
);

-- Numbers after those of the row before, up to up_to, were given at changed_at.
CREATE TABLE change_times(
  company_id TEXT COLLATE "C" NOT NULL,
  up_to BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (company_id, up_to)
);

-- The users that records of the company are about.
CREATE TABLE company_users(
  company_id TEXT COLLATE "C" NOT NULL,
  user_id BYTEA NOT NULL,
  change_seq BIGINT NOT NULL,
  PRIMARY KEY (company_id, user_id)
);

-- The rows of all other tables but progress that belong to the company. part: the second part of
-- a key, else empty.
CREATE TABLE company_rows(
  company_id TEXT COLLATE "C" NOT NULL,
  entity BIGINT NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  part TEXT COLLATE "C" NOT NULL,
  change_seq BIGINT NOT NULL,
  PRIMARY KEY (company_id, entity, key, part)
);

-- Deleted rows. Users as the text of their UUID; parts that a key lacks are empty.
CREATE TABLE tombstones(
  company_id TEXT COLLATE "C" NOT NULL,
  entity BIGINT NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  part TEXT COLLATE "C" NOT NULL,
  last_part TEXT COLLATE "C" NOT NULL,
  change_seq BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (company_id, entity, key, part, last_part)
);

-- The programs and assessments that steps of learning plans name.
CREATE TABLE plan_resources(
  company_id TEXT COLLATE "C" NOT NULL,
  entity BIGINT NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  plan_id TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (company_id, entity, key, plan_id)
);
CREATE INDEX plan_resources_by_key ON plan_resources(entity, key);
CREATE INDEX plan_resources_by_plan ON plan_resources(plan_id);

INSERT INTO plan_resources(company_id, entity, key, plan_id)
SELECT DISTINCT l.company_id, CASE s.step->>'stepType' WHEN 'PROGRAM' THEN 3 ELSE 5 END,
  s.step->>'resourceKey', l.id
FROM learning_plans l, jsonb_path_query(l.steps::jsonb, 'strict $.** ? (@.type() == "object")')
  AS s(step)
WHERE s.step->>'stepType' IN ('PROGRAM', 'ASSESSMENT') AND s.step->>'resourceKey' IS NOT NULL;

INSERT INTO company_users(company_id, user_id, change_seq)
SELECT company_id, user_id, 0 FROM program_progress
UNION SELECT company_id, user_id, 0 FROM assessment_progress WHERE user_id IS NOT NULL
UNION SELECT company_id, user_id, 0 FROM learning_plan_progress;

INSERT INTO company_rows(company_id, entity, key, part, change_seq)
SELECT id, 0, id, '', 0 FROM companies
UNION ALL SELECT company_id, 1, id, '', 0 FROM contracts
UNION ALL SELECT c.company_id, 4, p.contract_id, p.program_key, 0
  FROM contract_programs p JOIN contracts c ON c.id = p.contract_id
UNION ALL SELECT c.company_id, 6, p.contract_id, p.assessment_id, 0
  FROM contract_assessments p JOIN contracts c ON c.id = p.contract_id
UNION ALL SELECT company_id, 7, id, '', 0 FROM learning_plans
UNION ALL SELECT seen.company_id, 3, p.key, p.locale, 0 FROM (
  SELECT c.company_id, k.program_key FROM contract_programs k JOIN contracts c ON c.id = k.contract_id
  UNION SELECT company_id, program_key FROM program_progress
  UNION SELECT company_id, key FROM plan_resources WHERE entity = 3) seen
  JOIN programs p ON p.key = seen.program_key
UNION ALL SELECT seen.company_id, 5, a.id, '', 0 FROM (
  SELECT c.company_id, k.assessment_id FROM contract_assessments k
    JOIN contracts c ON c.id = k.contract_id
  UNION SELECT company_id, assessment_id FROM assessment_progress
  UNION SELECT company_id, key FROM plan_resources WHERE entity = 5) seen
  JOIN assessments a ON a.id = seen.assessment_id;

INSERT INTO company_sequences(company_id, epoch, last_seq, pruned_seq)
SELECT id, left(replace(gen_random_uuid()::text, '-', ''), 16), 0, 0 FROM companies;

UPDATE company_rows SET change_seq = k.n FROM (SELECT company_id, entity, key, part,
  row_number() OVER (PARTITION BY company_id ORDER BY entity, key, part) AS n FROM company_rows) k
WHERE company_rows.company_id = k.company_id AND company_rows.entity = k.entity
  AND company_rows.key = k.key AND company_rows.part = k.part;
UPDATE company_sequences SET last_seq = last_seq +
  (SELECT count(*) FROM company_rows r WHERE r.company_id = company_sequences.company_id);

UPDATE company_users SET change_seq = k.n FROM (SELECT u.company_id, u.user_id, s.last_seq +
  row_number() OVER (PARTITION BY u.company_id ORDER BY u.user_id) AS n
  FROM company_users u JOIN company_sequences s ON s.company_id = u.company_id) k
WHERE company_users.company_id = k.company_id AND company_users.user_id = k.user_id;
UPDATE company_sequences SET last_seq = last_seq +
  (SELECT count(*) FROM company_users r WHERE r.company_id = company_sequences.company_id);

UPDATE program_progress SET change_seq = k.n FROM (SELECT u.company_id, u.user_id, u.program_key,
  s.last_seq + row_number() OVER (PARTITION BY u.company_id ORDER BY u.user_id, u.program_key) AS n
  FROM program_progress u JOIN company_sequences s ON s.company_id = u.company_id) k
WHERE program_progress.company_id = k.company_id AND program_progress.user_id = k.user_id
  AND program_progress.program_key = k.program_key;
UPDATE company_sequences SET last_seq = last_seq +
  (SELECT count(*) FROM program_progress r WHERE r.company_id = company_sequences.company_id);

UPDATE assessment_progress SET change_seq = k.n FROM (SELECT u.company_id, u.attempt_id,
  s.last_seq + row_number() OVER (PARTITION BY u.company_id ORDER BY u.attempt_id) AS n
  FROM assessment_progress u JOIN company_sequences s ON s.company_id = u.company_id) k
WHERE assessment_progress.company_id = k.company_id
  AND assessment_progress.attempt_id = k.attempt_id;
UPDATE company_sequences SET last_seq = last_seq +
  (SELECT count(*) FROM assessment_progress r WHERE r.company_id = company_sequences.company_id);

UPDATE learning_plan_progress SET change_seq = k.n FROM (SELECT u.company_id, u.plan_id, u.user_id,
  s.last_seq + row_number() OVER (PARTITION BY u.company_id ORDER BY u.plan_id, u.user_id) AS n
  FROM learning_plan_progress u JOIN company_sequences s ON s.company_id = u.company_id) k
WHERE learning_plan_progress.company_id = k.company_id
  AND learning_plan_progress.plan_id = k.plan_id AND learning_plan_progress.user_id = k.user_id;
UPDATE company_sequences SET last_seq = last_seq +
  (SELECT count(*) FROM learning_plan_progress r WHERE r.company_id = company_sequences.company_id);

INSERT INTO change_times(company_id, up_to, changed_at)
SELECT company_id, last_seq, (extract(epoch FROM now()) * 1000000)::BIGINT FROM company_sequences;

CREATE INDEX program_progress_by_change ON program_progress(company_id, change_seq);
CREATE INDEX assessment_progress_by_change ON assessment_progress(company_id, change_seq);
CREATE INDEX learning_plan_progress_by_change ON learning_plan_progress(company_id, change_seq);
CREATE INDEX company_users_by_change ON company_users(company_id, change_seq);
CREATE INDEX company_rows_by_change ON company_rows(company_id, entity, change_seq);
CREATE INDEX tombstones_by_change ON tombstones(company_id, change_seq);
CREATE INDEX tombstones_by_table ON tombstones(company_id, entity, change_seq);

-- The second fence around a company's rows, as in step 1.
ALTER TABLE company_sequences ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY one_company ON company_sequences
  USING (company_id = current_setting('matricula.company', true));
CREATE POLICY whole_store ON company_sequences TO CURRENT_USER USING (true);
ALTER TABLE change_times ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY one_company ON change_times
  USING (company_id = current_setting('matricula.company', true));
CREATE POLICY whole_store ON change_times TO CURRENT_USER USING (true);
ALTER TABLE company_users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY one_company ON company_users
  USING (company_id = current_setting('matricula.company', true));
CREATE POLICY whole_store ON company_users TO CURRENT_USER USING (true);
ALTER TABLE company_rows ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY one_company ON company_rows
  USING (company_id = current_setting('matricula.company', true));
CREATE POLICY whole_store ON company_rows TO CURRENT_USER USING (true);
ALTER TABLE tombstones ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY one_company ON tombstones
  USING (company_id = current_setting('matricula.company', true));
CREATE POLICY whole_store ON tombstones TO CURRENT_USER USING (true);
ALTER TABLE plan_resources ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY one_company ON plan_resources
  USING (company_id = current_setting('matricula.company', true));
CREATE POLICY whole_store ON plan_resources TO CURRENT_USER USING (true);
)sql";

}  // namespace matricula::migrations
