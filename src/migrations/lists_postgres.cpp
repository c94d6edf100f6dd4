#include "migrations/steps.h"

namespace matricula::migrations {

const std::string_view kListsPostgres = R"sql(
-- The index of the first order answers enum filters by itself.
DROP INDEX program_progress_by_email;
CREATE INDEX program_progress_by_email
  ON program_progress(company_id, email_key, user_id, program_key)
  INCLUDE (program_type, enrollment_status, on_track_status);
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
  company_id TEXT COLLATE "C" NOT NULL,
  program_type TEXT COLLATE "C" NOT NULL,
  enrollment_status TEXT COLLATE "C" NOT NULL,
  on_track_status TEXT COLLATE "C" NOT NULL,
  row_count BIGINT NOT NULL,
  PRIMARY KEY (company_id, program_type, enrollment_status, on_track_status)
);
CREATE TABLE program_progress_program_counts(
  company_id TEXT COLLATE "C" NOT NULL,
  program_key TEXT COLLATE "C" NOT NULL,
  program_type TEXT COLLATE "C" NOT NULL,
  enrollment_status TEXT COLLATE "C" NOT NULL,
  on_track_status TEXT COLLATE "C" NOT NULL,
  row_count BIGINT NOT NULL,
  PRIMARY KEY (company_id, program_key, program_type, enrollment_status,
               on_track_status)
);
CREATE TABLE assessment_progress_counts(
  company_id TEXT COLLATE "C" NOT NULL,
  assessment_status TEXT COLLATE "C" NOT NULL,
  assessment_result_key TEXT COLLATE "C" NOT NULL,
  row_count BIGINT NOT NULL,
  PRIMARY KEY (company_id, assessment_status, assessment_result_key)
);
CREATE TABLE learning_plan_progress_counts(
  company_id TEXT COLLATE "C" NOT NULL,
  plan_id TEXT COLLATE "C" NOT NULL,
  subscription_status TEXT COLLATE "C" NOT NULL,
  row_count BIGINT NOT NULL,
  PRIMARY KEY (company_id, plan_id, subscription_status)
);

-- Who has program progress in a company, for searches: filed in the index of the company under
-- `filed_key`, or to be filed at the end of the write.
CREATE TABLE company_people(
  company_id TEXT COLLATE "C" NOT NULL,
  user_id BYTEA NOT NULL,
  filed_key TEXT COLLATE "C",
  is_pending BIGINT NOT NULL,
  PRIMARY KEY (company_id, user_id)
);
CREATE INDEX company_people_by_user ON company_people(user_id);
CREATE INDEX company_people_pending ON company_people(company_id) WHERE is_pending = 1;
CREATE TABLE people_index(
  company_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  people BIGINT NOT NULL,
  blocks BIGINT NOT NULL,
  changes BIGINT NOT NULL
);
CREATE TABLE people_blocks(
  company_id TEXT COLLATE "C" NOT NULL,
  block BIGINT NOT NULL,
  first_key TEXT COLLATE "C" NOT NULL,
  people BYTEA NOT NULL,
  PRIMARY KEY (company_id, block)
);
CREATE INDEX people_blocks_in_order ON people_blocks(company_id, first_key, block);
CREATE TABLE people_grams(
  company_id TEXT COLLATE "C" NOT NULL,
  gram BIGINT NOT NULL,
  blocks BYTEA NOT NULL,
  PRIMARY KEY (company_id, gram)
);

-- A statement's rows are counted together. The functions run as the owner, who sees all rows.
CREATE FUNCTION program_progress_inserted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO program_progress_counts(company_id, program_type, enrollment_status,
      on_track_status, row_count)
    SELECT company_id, program_type, enrollment_status, on_track_status, sum(change)
    FROM (SELECT company_id, program_type, enrollment_status, on_track_status,
        1 AS change FROM new_rows) AS changed
    GROUP BY company_id, program_type, enrollment_status, on_track_status HAVING sum(change) <> 0
    ON CONFLICT (company_id, program_type, enrollment_status,
        on_track_status) DO UPDATE SET row_count = program_progress_counts.row_count + excluded.row_count;
  INSERT INTO program_progress_program_counts(company_id, program_key, program_type,
      enrollment_status, on_track_status, row_count)
    SELECT company_id, program_key, program_type, enrollment_status, on_track_status, sum(change)
    FROM (SELECT company_id, program_key, program_type, enrollment_status, on_track_status,
        1 AS change FROM new_rows) AS changed
    GROUP BY company_id, program_key, program_type, enrollment_status,
        on_track_status HAVING sum(change) <> 0
    ON CONFLICT (company_id, program_key, program_type, enrollment_status,
        on_track_status) DO UPDATE SET row_count = program_progress_program_counts.row_count + excluded.row_count;
  INSERT INTO company_people(company_id, user_id, is_pending)
    SELECT DISTINCT company_id, user_id, 1 FROM new_rows ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER program_progress_inserted AFTER INSERT ON program_progress
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION program_progress_inserted();
CREATE FUNCTION program_progress_deleted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO program_progress_counts(company_id, program_type, enrollment_status,
      on_track_status, row_count)
    SELECT company_id, program_type, enrollment_status, on_track_status, sum(change)
    FROM (SELECT company_id, program_type, enrollment_status, on_track_status,
        -1 AS change FROM old_rows) AS changed
    GROUP BY company_id, program_type, enrollment_status, on_track_status HAVING sum(change) <> 0
    ON CONFLICT (company_id, program_type, enrollment_status,
        on_track_status) DO UPDATE SET row_count = program_progress_counts.row_count + excluded.row_count;
  INSERT INTO program_progress_program_counts(company_id, program_key, program_type,
      enrollment_status, on_track_status, row_count)
    SELECT company_id, program_key, program_type, enrollment_status, on_track_status, sum(change)
    FROM (SELECT company_id, program_key, program_type, enrollment_status, on_track_status,
        -1 AS change FROM old_rows) AS changed
    GROUP BY company_id, program_key, program_type, enrollment_status,
        on_track_status HAVING sum(change) <> 0
    ON CONFLICT (company_id, program_key, program_type, enrollment_status,
        on_track_status) DO UPDATE SET row_count = program_progress_program_counts.row_count + excluded.row_count;
  RETURN NULL;
END $$;
CREATE TRIGGER program_progress_deleted AFTER DELETE ON program_progress
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION program_progress_deleted();
CREATE FUNCTION program_progress_updated() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO program_progress_counts(company_id, program_type, enrollment_status,
      on_track_status, row_count)
    SELECT company_id, program_type, enrollment_status, on_track_status, sum(change)
    FROM (SELECT company_id, program_type, enrollment_status, on_track_status,
        1 AS change FROM new_rows
          UNION ALL SELECT company_id, program_type, enrollment_status, on_track_status,
              -1 AS change FROM old_rows) AS changed
    GROUP BY company_id, program_type, enrollment_status, on_track_status HAVING sum(change) <> 0
    ON CONFLICT (company_id, program_type, enrollment_status,
        on_track_status) DO UPDATE SET row_count = program_progress_counts.row_count + excluded.row_count;
  INSERT INTO program_progress_program_counts(company_id, program_key, program_type,
      enrollment_status, on_track_status, row_count)
    SELECT company_id, program_key, program_type, enrollment_status, on_track_status, sum(change)
    FROM (SELECT company_id, program_key, program_type, enrollment_status, on_track_status,
        1 AS change FROM new_rows
          UNION ALL SELECT company_id, program_key, program_type, enrollment_status,
              on_track_status, -1 AS change FROM old_rows) AS changed
    GROUP BY company_id, program_key, program_type, enrollment_status,
        on_track_status HAVING sum(change) <> 0
    ON CONFLICT (company_id, program_key, program_type, enrollment_status,
        on_track_status) DO UPDATE SET row_count = program_progress_program_counts.row_count + excluded.row_count;
  RETURN NULL;
END $$;
CREATE TRIGGER program_progress_updated AFTER UPDATE ON program_progress
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION program_progress_updated();
CREATE FUNCTION assessment_progress_inserted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO assessment_progress_counts(company_id, assessment_status, assessment_result_key,
      row_count)
    SELECT company_id, assessment_status, assessment_result_key, sum(change)
    FROM (SELECT company_id, assessment_status, assessment_result_key,
        1 AS change FROM new_rows) AS changed
    GROUP BY company_id, assessment_status, assessment_result_key HAVING sum(change) <> 0
    ON CONFLICT (company_id, assessment_status,
        assessment_result_key) DO UPDATE SET row_count = assessment_progress_counts.row_count + excluded.row_count;
  RETURN NULL;
END $$;
CREATE TRIGGER assessment_progress_inserted AFTER INSERT ON assessment_progress
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION assessment_progress_inserted();
CREATE FUNCTION assessment_progress_deleted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO assessment_progress_counts(company_id, assessment_status, assessment_result_key,
      row_count)
    SELECT company_id, assessment_status, assessment_result_key, sum(change)
    FROM (SELECT company_id, assessment_status, assessment_result_key,
        -1 AS change FROM old_rows) AS changed
    GROUP BY company_id, assessment_status, assessment_result_key HAVING sum(change) <> 0
    ON CONFLICT (company_id, assessment_status,
        assessment_result_key) DO UPDATE SET row_count = assessment_progress_counts.row_count + excluded.row_count;
  RETURN NULL;
END $$;
CREATE TRIGGER assessment_progress_deleted AFTER DELETE ON assessment_progress
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION assessment_progress_deleted();
CREATE FUNCTION assessment_progress_updated() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO assessment_progress_counts(company_id, assessment_status, assessment_result_key,
      row_count)
    SELECT company_id, assessment_status, assessment_result_key, sum(change)
    FROM (SELECT company_id, assessment_status, assessment_result_key, 1 AS change FROM new_rows
          UNION ALL SELECT company_id, assessment_status, assessment_result_key,
              -1 AS change FROM old_rows) AS changed
    GROUP BY company_id, assessment_status, assessment_result_key HAVING sum(change) <> 0
    ON CONFLICT (company_id, assessment_status,
        assessment_result_key) DO UPDATE SET row_count = assessment_progress_counts.row_count + excluded.row_count;
  RETURN NULL;
END $$;
CREATE TRIGGER assessment_progress_updated AFTER UPDATE ON assessment_progress
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION assessment_progress_updated();
CREATE FUNCTION learning_plan_progress_inserted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO learning_plan_progress_counts(company_id, plan_id, subscription_status, row_count)
    SELECT company_id, plan_id, subscription_status, sum(change)
    FROM (SELECT company_id, plan_id, subscription_status, 1 AS change FROM new_rows) AS changed
    GROUP BY company_id, plan_id, subscription_status HAVING sum(change) <> 0
    ON CONFLICT (company_id, plan_id,
        subscription_status) DO UPDATE SET row_count = learning_plan_progress_counts.row_count + excluded.row_count;
  RETURN NULL;
END $$;
CREATE TRIGGER learning_plan_progress_inserted AFTER INSERT ON learning_plan_progress
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION learning_plan_progress_inserted();
CREATE FUNCTION learning_plan_progress_deleted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO learning_plan_progress_counts(company_id, plan_id, subscription_status, row_count)
    SELECT company_id, plan_id, subscription_status, sum(change)
    FROM (SELECT company_id, plan_id, subscription_status, -1 AS change FROM old_rows) AS changed
    GROUP BY company_id, plan_id, subscription_status HAVING sum(change) <> 0
    ON CONFLICT (company_id, plan_id,
        subscription_status) DO UPDATE SET row_count = learning_plan_progress_counts.row_count + excluded.row_count;
  RETURN NULL;
END $$;
CREATE TRIGGER learning_plan_progress_deleted AFTER DELETE ON learning_plan_progress
  REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION learning_plan_progress_deleted();
CREATE FUNCTION learning_plan_progress_updated() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO learning_plan_progress_counts(company_id, plan_id, subscription_status, row_count)
    SELECT company_id, plan_id, subscription_status, sum(change)
    FROM (SELECT company_id, plan_id, subscription_status, 1 AS change FROM new_rows
          UNION ALL SELECT company_id, plan_id, subscription_status,
              -1 AS change FROM old_rows) AS changed
    GROUP BY company_id, plan_id, subscription_status HAVING sum(change) <> 0
    ON CONFLICT (company_id, plan_id,
        subscription_status) DO UPDATE SET row_count = learning_plan_progress_counts.row_count + excluded.row_count;
  RETURN NULL;
END $$;
CREATE TRIGGER learning_plan_progress_updated AFTER UPDATE ON learning_plan_progress
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION learning_plan_progress_updated();
CREATE FUNCTION users_updated() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE company_people SET is_pending = 1 WHERE user_id = OLD.id;
  RETURN NULL;
END $$;
CREATE TRIGGER users_updated AFTER UPDATE OF search ON users
  FOR EACH ROW WHEN (NEW.search <> OLD.search) EXECUTE FUNCTION users_updated();
CREATE TRIGGER users_deleted AFTER DELETE ON users
  FOR EACH ROW EXECUTE FUNCTION users_updated();

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
DROP INDEX user_search;

-- Line feeds inside of a part of a search text are escaped (storage/people_block.h); a lower-case
-- mapping keeps the number of characters.
UPDATE users SET search = (
  SELECT string_agg(
    replace(replace(replace(replace(
      replace(replace(replace(replace(part, chr(4), chr(7) || chr(1)), chr(5), chr(7) || chr(2)),
                      chr(6), chr(7) || chr(3)), chr(10), chr(7) || chr(4)),
      chr(7) || chr(4), chr(4) || chr(5) || chr(5)),
      chr(7) || chr(1), chr(4) || chr(5) || chr(6)),
      chr(7) || chr(2), chr(4) || chr(6) || chr(5)),
      chr(7) || chr(3), chr(4) || chr(6) || chr(6)), chr(10) ORDER BY place)
  FROM (VALUES (1, substr(search, 1, length(email_key))),
               (2, substr(search, length(email_key) + 2, length(first_name))),
               (3, substr(search, length(email_key) + length(first_name) + 3, length(last_name))),
               (4, substr(search,
                   length(email_key) + length(first_name) + length(last_name) + 4)))
       AS parts(place, part))
  WHERE length(search) - length(replace(search, chr(10), '')) <> 3
    OR strpos(search, chr(4)) > 0 OR strpos(search, chr(5)) > 0 OR strpos(search, chr(6)) > 0;

ALTER TABLE program_progress_counts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY one_company ON program_progress_counts
  USING (company_id = current_setting('matricula.company', true));
CREATE POLICY whole_store ON program_progress_counts TO CURRENT_USER USING (true);
ALTER TABLE program_progress_program_counts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY one_company ON program_progress_program_counts
  USING (company_id = current_setting('matricula.company', true));
CREATE POLICY whole_store ON program_progress_program_counts TO CURRENT_USER USING (true);
ALTER TABLE assessment_progress_counts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY one_company ON assessment_progress_counts
  USING (company_id = current_setting('matricula.company', true));
CREATE POLICY whole_store ON assessment_progress_counts TO CURRENT_USER USING (true);
ALTER TABLE learning_plan_progress_counts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY one_company ON learning_plan_progress_counts
  USING (company_id = current_setting('matricula.company', true));
CREATE POLICY whole_store ON learning_plan_progress_counts TO CURRENT_USER USING (true);
ALTER TABLE company_people ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY one_company ON company_people
  USING (company_id = current_setting('matricula.company', true));
CREATE POLICY whole_store ON company_people TO CURRENT_USER USING (true);
ALTER TABLE people_index ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY one_company ON people_index
  USING (company_id = current_setting('matricula.company', true));
CREATE POLICY whole_store ON people_index TO CURRENT_USER USING (true);
ALTER TABLE people_blocks ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY one_company ON people_blocks
  USING (company_id = current_setting('matricula.company', true));
CREATE POLICY whole_store ON people_blocks TO CURRENT_USER USING (true);
ALTER TABLE people_grams ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY one_company ON people_grams
  USING (company_id = current_setting('matricula.company', true));
CREATE POLICY whole_store ON people_grams TO CURRENT_USER USING (true);
)sql";

}  // namespace matricula::migrations
