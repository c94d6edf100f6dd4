#include "migrations/steps.h"

namespace matricula::migrations {

const std::string_view kListsSqlite = R"sql(
-- The index of the first order answers enum filters by itself.
DROP INDEX program_progress_by_email;
CREATE INDEX program_progress_by_email
  ON program_progress(company_id, email_key, user_id, program_key,
                      program_type, enrollment_status, on_track_status);
CREATE INDEX program_progress_by_enums
  ON program_progress(company_id, enrollment_status, on_track_status, program_type);
DROP INDEX program_progress_by_program;
CREATE INDEX program_progress_by_program
  ON program_progress(company_id, program_key, email_key, user_id);
DROP INDEX program_progress_by_plan;
CREATE INDEX program_progress_by_plan
  ON program_progress(company_id, learning_plan_id, email_key, user_id, program_key)
  WHERE learning_plan_id IS NOT NULL;

-- How many rows have which values, kept by triggers, whoever writes.
CREATE TABLE program_progress_counts(
  company_id TEXT NOT NULL,
  program_type TEXT NOT NULL,
  enrollment_status TEXT NOT NULL,
  on_track_status TEXT NOT NULL,
  row_count INTEGER NOT NULL,
  PRIMARY KEY (company_id, program_type, enrollment_status, on_track_status)
) STRICT, WITHOUT ROWID;
CREATE TABLE program_progress_program_counts(
  company_id TEXT NOT NULL,
  program_key TEXT NOT NULL,
  program_type TEXT NOT NULL,
  enrollment_status TEXT NOT NULL,
  on_track_status TEXT NOT NULL,
  row_count INTEGER NOT NULL,
  PRIMARY KEY (company_id, program_key, program_type, enrollment_status,
               on_track_status)
) STRICT, WITHOUT ROWID;
CREATE TABLE assessment_progress_counts(
  company_id TEXT NOT NULL,
  assessment_status TEXT NOT NULL,
  assessment_result_key TEXT NOT NULL,
  row_count INTEGER NOT NULL,
  PRIMARY KEY (company_id, assessment_status, assessment_result_key)
) STRICT, WITHOUT ROWID;
CREATE TABLE learning_plan_progress_counts(
  company_id TEXT NOT NULL,
  plan_id TEXT NOT NULL,
  subscription_status TEXT NOT NULL,
  row_count INTEGER NOT NULL,
  PRIMARY KEY (company_id, plan_id, subscription_status)
) STRICT, WITHOUT ROWID;

-- Who has program progress in a company, for searches: filed in the index of the company under
-- `filed_key`, or to be filed at the end of the write.
CREATE TABLE company_people(
  company_id TEXT NOT NULL,
  user_id BLOB NOT NULL,
  filed_key TEXT,
  is_pending INTEGER NOT NULL,
  PRIMARY KEY (company_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX company_people_by_user ON company_people(user_id);
CREATE INDEX company_people_pending ON company_people(company_id) WHERE is_pending = 1;
CREATE TABLE people_index(
  company_id TEXT NOT NULL PRIMARY KEY,
  people INTEGER NOT NULL,
  blocks INTEGER NOT NULL,
  changes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE people_blocks(
  company_id TEXT NOT NULL,
  block INTEGER NOT NULL,
  first_key TEXT NOT NULL,
  people BLOB NOT NULL,
  PRIMARY KEY (company_id, block)
) STRICT, WITHOUT ROWID;
CREATE INDEX people_blocks_in_order ON people_blocks(company_id, first_key, block);
CREATE TABLE people_grams(
  company_id TEXT NOT NULL,
  gram INTEGER NOT NULL,
  blocks BLOB NOT NULL,
  PRIMARY KEY (company_id, gram)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER program_progress_inserted AFTER INSERT ON program_progress BEGIN
  INSERT INTO program_progress_counts(company_id, program_type, enrollment_status,
      on_track_status, row_count)
    VALUES (new.company_id, new.program_type, new.enrollment_status, new.on_track_status, 1)
    ON CONFLICT DO UPDATE SET row_count = row_count + excluded.row_count;
  INSERT INTO program_progress_program_counts(company_id, program_key, program_type,
      enrollment_status, on_track_status, row_count)
    VALUES (new.company_id, new.program_key, new.program_type, new.enrollment_status,
        new.on_track_status, 1)
    ON CONFLICT DO UPDATE SET row_count = row_count + excluded.row_count;
  INSERT INTO company_people(company_id, user_id, is_pending)
    VALUES (new.company_id, new.user_id, 1) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER program_progress_deleted AFTER DELETE ON program_progress BEGIN
  INSERT INTO program_progress_counts(company_id, program_type, enrollment_status,
      on_track_status, row_count)
    VALUES (old.company_id, old.program_type, old.enrollment_status, old.on_track_status, -1)
    ON CONFLICT DO UPDATE SET row_count = row_count + excluded.row_count;
  INSERT INTO program_progress_program_counts(company_id, program_key, program_type,
      enrollment_status, on_track_status, row_count)
    VALUES (old.company_id, old.program_key, old.program_type, old.enrollment_status,
        old.on_track_status, -1)
    ON CONFLICT DO UPDATE SET row_count = row_count + excluded.row_count;
END;
CREATE TRIGGER program_progress_updated AFTER UPDATE ON program_progress
  WHEN new.program_type IS NOT old.program_type
    OR new.enrollment_status IS NOT old.enrollment_status
    OR new.on_track_status IS NOT old.on_track_status
        OR new.program_key IS NOT old.program_key BEGIN
  INSERT INTO program_progress_counts(company_id, program_type, enrollment_status,
      on_track_status, row_count)
    VALUES (old.company_id, old.program_type, old.enrollment_status, old.on_track_status, -1)
    ON CONFLICT DO UPDATE SET row_count = row_count + excluded.row_count;
  INSERT INTO program_progress_counts(company_id, program_type, enrollment_status,
      on_track_status, row_count)
    VALUES (new.company_id, new.program_type, new.enrollment_status, new.on_track_status, 1)
    ON CONFLICT DO UPDATE SET row_count = row_count + excluded.row_count;
  INSERT INTO program_progress_program_counts(company_id, program_key, program_type,
      enrollment_status, on_track_status, row_count)
    VALUES (old.company_id, old.program_key, old.program_type, old.enrollment_status,
        old.on_track_status, -1)
    ON CONFLICT DO UPDATE SET row_count = row_count + excluded.row_count;
  INSERT INTO program_progress_program_counts(company_id, program_key, program_type,
      enrollment_status, on_track_status, row_count)
    VALUES (new.company_id, new.program_key, new.program_type, new.enrollment_status,
        new.on_track_status, 1)
    ON CONFLICT DO UPDATE SET row_count = row_count + excluded.row_count;
END;
CREATE TRIGGER assessment_progress_inserted AFTER INSERT ON assessment_progress BEGIN
  INSERT INTO assessment_progress_counts(company_id, assessment_status, assessment_result_key,
      row_count)
    VALUES (new.company_id, new.assessment_status, new.assessment_result_key, 1)
    ON CONFLICT DO UPDATE SET row_count = row_count + excluded.row_count;
END;
CREATE TRIGGER assessment_progress_deleted AFTER DELETE ON assessment_progress BEGIN
  INSERT INTO assessment_progress_counts(company_id, assessment_status, assessment_result_key,
      row_count)
    VALUES (old.company_id, old.assessment_status, old.assessment_result_key, -1)
    ON CONFLICT DO UPDATE SET row_count = row_count + excluded.row_count;
END;
CREATE TRIGGER assessment_progress_updated AFTER UPDATE ON assessment_progress
  WHEN new.company_id IS NOT old.company_id
      OR new.assessment_result_key IS NOT old.assessment_result_key
      OR new.assessment_status IS NOT old.assessment_status BEGIN
  INSERT INTO assessment_progress_counts(company_id, assessment_status, assessment_result_key,
      row_count)
    VALUES (old.company_id, old.assessment_status, old.assessment_result_key, -1)
    ON CONFLICT DO UPDATE SET row_count = row_count + excluded.row_count;
  INSERT INTO assessment_progress_counts(company_id, assessment_status, assessment_result_key,
      row_count)
    VALUES (new.company_id, new.assessment_status, new.assessment_result_key, 1)
    ON CONFLICT DO UPDATE SET row_count = row_count + excluded.row_count;
END;
CREATE TRIGGER learning_plan_progress_inserted AFTER INSERT ON learning_plan_progress BEGIN
  INSERT INTO learning_plan_progress_counts(company_id, plan_id, subscription_status, row_count)
    VALUES (new.company_id, new.plan_id, new.subscription_status, 1)
    ON CONFLICT DO UPDATE SET row_count = row_count + excluded.row_count;
END;
CREATE TRIGGER learning_plan_progress_deleted AFTER DELETE ON learning_plan_progress BEGIN
  INSERT INTO learning_plan_progress_counts(company_id, plan_id, subscription_status, row_count)
    VALUES (old.company_id, old.plan_id, old.subscription_status, -1)
    ON CONFLICT DO UPDATE SET row_count = row_count + excluded.row_count;
END;
CREATE TRIGGER learning_plan_progress_updated AFTER UPDATE ON learning_plan_progress
  WHEN new.company_id IS NOT old.company_id
      OR new.plan_id IS NOT old.plan_id
      OR new.subscription_status IS NOT old.subscription_status BEGIN
  INSERT INTO learning_plan_progress_counts(company_id, plan_id, subscription_status, row_count)
    VALUES (old.company_id, old.plan_id, old.subscription_status, -1)
    ON CONFLICT DO UPDATE SET row_count = row_count + excluded.row_count;
  INSERT INTO learning_plan_progress_counts(company_id, plan_id, subscription_status, row_count)
    VALUES (new.company_id, new.plan_id, new.subscription_status, 1)
    ON CONFLICT DO UPDATE SET row_count = row_count + excluded.row_count;
END;
CREATE TRIGGER users_updated AFTER UPDATE OF search ON users
  WHEN new.search <> old.search BEGIN
  UPDATE company_people SET is_pending = 1 WHERE user_id = new.id;
END;
CREATE TRIGGER users_deleted AFTER DELETE ON users BEGIN
  UPDATE company_people SET is_pending = 1 WHERE user_id = old.id;
END;

INSERT INTO program_progress_counts
  SELECT company_id, program_type, enrollment_status, on_track_status,
      count(*) FROM program_progress
  GROUP BY company_id, program_type, enrollment_status, on_track_status;
INSERT INTO program_progress_program_counts
  SELECT company_id, program_key, program_type, enrollment_status, on_track_status, count(*)
  FROM program_progress
  GROUP BY company_id, program_key, program_type, enrollment_status, on_track_status;
INSERT INTO assessment_progress_counts
  SELECT company_id, assessment_status, assessment_result_key, count(*) FROM assessment_progress
  GROUP BY company_id, assessment_status, assessment_result_key;
INSERT INTO learning_plan_progress_counts
  SELECT company_id, plan_id, subscription_status, count(*) FROM learning_plan_progress
  GROUP BY company_id, plan_id, subscription_status;
INSERT INTO company_people(company_id, user_id, is_pending)
  SELECT DISTINCT company_id, user_id, 1 FROM program_progress;

-- The search index of before was one over the people of all companies.
DROP TABLE user_search;

-- Line feeds inside of a part of a search text are escaped (storage/people_block.h); a lower-case
-- mapping keeps the number of characters.
UPDATE users SET search = (
  SELECT group_concat(
    replace(replace(replace(replace(
      replace(replace(replace(replace(part, char(4), char(1, 1)), char(5), char(1, 2)),
                      char(6), char(1, 3)), char(10), char(1, 4)),
      char(1, 4), char(4, 5, 5)), char(1, 1), char(4, 5, 6)), char(1, 2), char(4, 6, 5)),
      char(1, 3), char(4, 6, 6)), char(10))
  FROM (SELECT substr(search, 1, length(email_key)) AS part
        UNION ALL SELECT substr(search, length(email_key) + 2, length(first_name))
        UNION ALL SELECT substr(search, length(email_key) + length(first_name) + 3,
                                length(last_name))
        UNION ALL SELECT substr(search, length(email_key) + length(first_name)
                                + length(last_name) + 4)))
  WHERE length(search) - length(replace(search, char(10), '')) <> 3
    OR instr(search, char(4)) > 0 OR instr(search, char(5)) > 0 OR instr(search, char(6)) > 0;
)sql";

}  // namespace matricula::migrations
