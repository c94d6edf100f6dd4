#include "migrations/steps.h"

namespace matricula::migrations {

const std::string_view kRecordsSqlite = R"sql(
CREATE TABLE companies(
  id TEXT NOT NULL PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE contracts(
  company_id TEXT NOT NULL,
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  starts_at INTEGER,
  ends_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX contracts_by_company ON contracts(company_id, id);

-- `search` holds what free text looks in, lower-cased, a line each: e-mail address, first name,
-- last name, both names.
CREATE TABLE users(
  number INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  email TEXT NOT NULL,
  email_key TEXT NOT NULL UNIQUE,
  first_name TEXT NOT NULL,
  last_name TEXT NOT NULL,
  search TEXT NOT NULL
) STRICT;

-- Kept in step by user_table.h: a hardened connection runs no virtual table from a trigger.
CREATE VIRTUAL TABLE user_search USING fts5(
  search, content='users', content_rowid='number', tokenize='trigram case_sensitive 1',
  columnsize=0);

CREATE TABLE programs(
  key TEXT NOT NULL,
  locale TEXT NOT NULL,
  version INTEGER NOT NULL,
  type TEXT NOT NULL,
  title TEXT NOT NULL,
  summary TEXT NOT NULL,
  syllabus_url TEXT NOT NULL,
  image_url TEXT NOT NULL,
  redirect_url TEXT NOT NULL,
  duration TEXT NOT NULL,
  modified_date INTEGER NOT NULL,
  skill_names TEXT NOT NULL,
  difficulty_level TEXT,
  supported_languages TEXT,
  translations TEXT,
  PRIMARY KEY (key, locale)
) STRICT, WITHOUT ROWID;

-- One title a program: that of its en-us record, else of the first locale by name.
CREATE TABLE program_titles(
  key TEXT NOT NULL PRIMARY KEY,
  title TEXT NOT NULL,
  title_key TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE contract_programs(
  contract_id TEXT NOT NULL,
  program_key TEXT NOT NULL,
  launch_url TEXT NOT NULL,
  PRIMARY KEY (contract_id, program_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX contract_programs_by_program ON contract_programs(program_key);

CREATE TABLE assessments(
  id TEXT NOT NULL PRIMARY KEY,
  title TEXT NOT NULL,
  category TEXT NOT NULL,
  passing_score REAL,
  is_timed INTEGER NOT NULL,
  time_limit TEXT,
  total_questions_in_assessment INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE contract_assessments(
  contract_id TEXT NOT NULL,
  assessment_id TEXT NOT NULL,
  PRIMARY KEY (contract_id, assessment_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX contract_assessments_by_assessment ON contract_assessments(assessment_id);

CREATE TABLE learning_plans(
  company_id TEXT NOT NULL,
  id TEXT NOT NULL PRIMARY KEY,
  title TEXT NOT NULL,
  key TEXT NOT NULL,
  slug TEXT NOT NULL,
  steps TEXT NOT NULL,
  contract_id TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX learning_plans_by_company ON learning_plans(company_id, id);
CREATE INDEX learning_plans_by_contract ON learning_plans(contract_id)
  WHERE contract_id IS NOT NULL;

-- email_key and title_key are copies that import keeps right, so that every order is one index. The
-- generated keys put null before all values; they are columns because SQLite begins at a bound of
-- several parts only in an index over plain columns.
CREATE TABLE program_progress(
  company_id TEXT NOT NULL,
  user_id BLOB NOT NULL,
  program_key TEXT NOT NULL,
  program_version TEXT NOT NULL,
  program_type TEXT NOT NULL,
  enrollment_status TEXT NOT NULL,
  enrolled_at INTEGER NOT NULL,
  unenrolled_at INTEGER,
  graduated_at INTEGER,
  completed_at INTEGER,
  last_active_at INTEGER,
  learner_hours REAL NOT NULL,
  completion_percentage REAL NOT NULL,
  projects_required_total INTEGER NOT NULL,
  projects_required_completed INTEGER NOT NULL,
  on_track_status TEXT NOT NULL,
  learning_plan_id TEXT,
  updated_at INTEGER NOT NULL,
  email_key TEXT NOT NULL,
  title_key TEXT NOT NULL,
  last_active_key INTEGER NOT NULL
    GENERATED ALWAYS AS (coalesce(last_active_at, -1000000000000000000)) VIRTUAL,
  PRIMARY KEY (company_id, user_id, program_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX program_progress_by_email
  ON program_progress(company_id, email_key, user_id, program_key);
CREATE INDEX program_progress_by_title
  ON program_progress(company_id, title_key, user_id, program_key);
CREATE INDEX program_progress_by_enrollment_status
  ON program_progress(company_id, enrollment_status, user_id, program_key);
CREATE INDEX program_progress_by_last_active
  ON program_progress(company_id, last_active_key, user_id,
                      program_key);
CREATE INDEX program_progress_by_completed_projects
  ON program_progress(company_id, projects_required_completed, user_id, program_key);
CREATE INDEX program_progress_by_enrolled
  ON program_progress(company_id, enrolled_at, user_id, program_key);
CREATE INDEX program_progress_by_completion
  ON program_progress(company_id, completion_percentage, user_id, program_key);
CREATE INDEX program_progress_by_updated
  ON program_progress(company_id, updated_at, user_id, program_key);
CREATE INDEX program_progress_by_program ON program_progress(company_id, program_key);
CREATE INDEX program_progress_by_plan ON program_progress(company_id, learning_plan_id)
  WHERE learning_plan_id IS NOT NULL;

CREATE TABLE assessment_progress(
  company_id TEXT NOT NULL,
  attempt_id TEXT NOT NULL UNIQUE,
  user_id BLOB,
  assessment_id TEXT NOT NULL,
  assessment_status TEXT NOT NULL,
  assessment_result TEXT,
  assessment_report TEXT,
  learning_plan_id TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  assessment_result_key TEXT NOT NULL
    GENERATED ALWAYS AS (coalesce('.' || assessment_result, '')) VIRTUAL,
  PRIMARY KEY (company_id, attempt_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX assessment_progress_by_status
  ON assessment_progress(company_id, assessment_status, attempt_id);
CREATE INDEX assessment_progress_by_result
  ON assessment_progress(company_id, assessment_result_key, attempt_id);
CREATE INDEX assessment_progress_by_created
  ON assessment_progress(company_id, created_at, attempt_id);
CREATE INDEX assessment_progress_by_updated
  ON assessment_progress(company_id, updated_at, attempt_id);
CREATE INDEX assessment_progress_by_user ON assessment_progress(company_id, user_id);
CREATE INDEX assessment_progress_by_assessment ON assessment_progress(company_id, assessment_id);

CREATE TABLE learning_plan_progress(
  company_id TEXT NOT NULL,
  plan_id TEXT NOT NULL,
  user_id BLOB NOT NULL,
  subscription_status TEXT NOT NULL,
  required_steps_total INTEGER NOT NULL,
  required_steps_completed INTEGER NOT NULL,
  assessments_complete INTEGER NOT NULL,
  started_at INTEGER,
  last_active_at INTEGER,
  completed_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  last_active_key INTEGER NOT NULL
    GENERATED ALWAYS AS (coalesce(last_active_at, -1000000000000000000)) VIRTUAL,
  PRIMARY KEY (company_id, plan_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX learning_plan_progress_by_updated
  ON learning_plan_progress(company_id, plan_id, updated_at, user_id);
CREATE INDEX learning_plan_progress_by_last_active
  ON learning_plan_progress(company_id, plan_id, last_active_key,
                            user_id);

-- What imports have done since the store was made; read by /metrics.
CREATE TABLE imports(
  entity TEXT NOT NULL PRIMARY KEY,
  files INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  unchanged INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  finished_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

}  // namespace matricula::migrations
