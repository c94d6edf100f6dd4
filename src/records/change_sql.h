#pragma once

#include <array>
#include <string_view>

#include "records/entities.h"
#include "sql/dialect.h"
#include "storage/database.h"

namespace matricula::records {

// The tables whose rows bear numbers of their companies' sequences, as `change_seq`.
inline constexpr std::array<std::string_view, 6> kNumberedTables = {
    "company_rows",        "company_users",          "program_progress",
    "assessment_progress", "learning_plan_progress", "tombstones"};

// The statements of ChangeLog, in one dialect. ?1 is the company where nothing else is said.
struct ChangeStatements {
  explicit ChangeStatements(sql::Dialect dialect);

  storage::Statement read_counter;  // last_seq
  storage::Statement last_time;     // when the last number was given
  storage::Statement any_tombstone;
  storage::Statement write_counter;  // ?2 last_seq
  storage::Statement add_time;       // ?2 up_to, ?3 changed_at
  std::array<storage::Statement, 6> drop_company;

  storage::Statement number_row;      // ?2 entity, ?3 key, ?4 part, ?5 number
  storage::Statement add_row;         // the same, unless the company has the row
  storage::Statement remove_row;      // ?2 entity, ?3 key, ?4 part
  storage::Statement parts_of;        // ?2 entity, ?3 key: parts of the company's rows
  storage::Statement add_tombstone;   // ?2 entity, ?3 to ?5 key, ?6 number, ?7 changed_at
  storage::Statement drop_tombstone;  // ?2 entity, ?3 to ?5 key
  // ?2 entity, then Tombstones::kBatch keys of three parts; for PostgreSQL
  storage::Statement drop_tombstones;
  storage::Statement find_tombstone;  // the same: change_seq, changed_at

  storage::Statement number_user;        // ?2 user, ?3 number
  storage::Statement add_users;          // up to kKeysPerStatement users; then company, last number
  storage::Statement has_user;           // ?2 user
  storage::Statement remove_user;        // ?2 user
  storage::Statement sees_user;          // ?2 user: whether a record of the company is about them
  storage::Statement companies_of_user;  // ?1 user
  storage::Statement companies_of_program;  // ?1 key: where it is covered or named
  storage::Statement companies_of_assessment;
  storage::Statement companies_with_program_progress;  // ?1 key
  storage::Statement covers_program;                   // ?2 key
  storage::Statement covers_assessment;                // ?2 id
  storage::Statement locales;                          // ?1 key
  storage::Statement assessment;                       // ?1 id

  // Move the rows that show a value of a parent: ?2 the parent, ?3 now, ?4 last number; of the
  // first two, ?5 the copy of the value.
  storage::Statement move_program_progress_of_user;
  storage::Statement move_program_progress_of_program;
  storage::Statement move_assessment_progress_of_user;
  storage::Statement move_assessment_progress_of_assessment;
  storage::Statement move_plan_progress_of_user;
  storage::Statement move_plan_progress_of_plan;
};

const ChangeStatements& change_statements(sql::Dialect dialect);

}  // namespace matricula::records
