#include "records/change_sql.h"

#include <algorithm>
#include <fmt/format.h>

#include "records/tombstones.h"
#include "storage/many_keys.h"

namespace matricula::records {
namespace {

constexpr auto kProgramsId = static_cast<int>(EntityId::kPrograms);
constexpr auto kAssessmentsId = static_cast<int>(EntityId::kAssessments);

// Rows of `table` that match `condition` move: their updatedAt becomes the time of the change.
std::string move_sql(std::string_view table, std::string_view key, std::string_view condition,
                     std::string_view copy) {
  std::string keys;
  std::string same;
  for (std::size_t begin = 0; begin < key.size();) {
    const std::size_t end = std::min(key.find(' ', begin), key.size());
    const std::string_view column = key.substr(begin, end - begin);
    keys += fmt::format("{}{}", keys.empty() ? "" : ", ", column);
    same += fmt::format(" AND {}.{} = k.{}", table, column, column);
    begin = end + 1;
  }
  return fmt::format(
      "UPDATE {0} SET {1}{2}updated_at = ?3, moved_at = ?3, change_seq = ?4 + k.n FROM (SELECT "
      "{3}, "
      "row_number() OVER (ORDER BY {3}) AS n FROM {0} WHERE company_id = ?1 AND {4}) k WHERE "
      "{0}.company_id = ?1{5}",
      table, copy, copy.empty() ? "" : " = ?5, ", keys, condition, same);
}

std::string covers_sql(std::string_view covers, std::string_view column, std::string_view progress,
                       int entity) {
  return fmt::format(
      "SELECT 1 WHERE EXISTS (SELECT 1 FROM {0} k JOIN contracts c ON c.id = k.contract_id WHERE "
      "k.{1} = ?2 AND c.company_id = ?1) OR EXISTS (SELECT 1 FROM {2} WHERE company_id = ?1 AND "
      "{1} = ?2) OR EXISTS (SELECT 1 FROM plan_resources WHERE company_id = ?1 AND entity = {3} "
      "AND key = ?2)",
      covers, column, progress, entity);
}

// PostgreSQL does not turn a limited subquery into a join: it asks the index once for each company.
// Of a store with few companies it has no statistics, and would read the whole table instead.
std::string companies_sql(std::string_view covers, std::string_view column,
                          std::string_view progress, int entity) {
  return fmt::format(
      "SELECT c.company_id FROM {0} k JOIN contracts c ON c.id = k.contract_id WHERE k.{1} = ?1 "
      "UNION SELECT company_id FROM plan_resources WHERE entity = {3} AND key = ?1 "
      "UNION SELECT c.id FROM companies c WHERE (SELECT 1 FROM {2} p WHERE p.company_id = c.id AND "
      "p.{1} = ?1 LIMIT 1) = 1",
      covers, column, progress, entity);
}

storage::Statement delete_all(std::string_view table) {
  return storage::Statement(fmt::format("DELETE FROM {} WHERE company_id = ?1", table));
}

constexpr std::string_view kSeesUser =
    "SELECT 1 WHERE EXISTS (SELECT 1 FROM program_progress WHERE company_id = ?1 AND user_id = ?2) "
    "OR EXISTS (SELECT 1 FROM assessment_progress WHERE company_id = ?1 AND user_id = ?2) "
    "OR EXISTS (SELECT 1 FROM learning_plans l WHERE l.company_id = ?1 AND EXISTS (SELECT 1 FROM "
    "learning_plan_progress p WHERE p.company_id = ?1 AND p.plan_id = l.id AND p.user_id = ?2))";

std::string add_users_sql() {
  return fmt::format(
      "INSERT INTO company_users(company_id, user_id, change_seq) SELECT ?{1}, u.id, ?{2} + "
      "row_number() OVER (ORDER BY u.id) FROM users u WHERE u.id IN ({0}) AND NOT EXISTS (SELECT 1 "
      "FROM company_users c WHERE c.company_id = ?{1} AND c.user_id = u.id)",
      storage::key_places(), storage::kKeysPerStatement + 1, storage::kKeysPerStatement + 2);
}

// Each key by itself, through the index of keys: joined with the list, a table without statistics
// is read as a whole for each statement. For PostgreSQL.
std::string drop_tombstones_sql() {
  std::string keys;
  for (std::size_t place = 3; place < 3 + 3 * Tombstones::kBatch; place += 3) {
    keys += fmt::format("{}(?{}, ?{}, ?{})", keys.empty() ? "" : ", ", place, place + 1, place + 2);
  }
  return fmt::format(
      "DELETE FROM tombstones WHERE ctid = ANY(ARRAY(SELECT (SELECT t.ctid FROM tombstones t WHERE "
      "t.company_id = ?1 AND t.entity = ?2 AND t.key = k.key AND t.part = k.part AND t.last_part = "
      "k.last_part LIMIT 1) FROM (VALUES {}) AS k(key, part, last_part)))",
      keys);
}

std::string write_counter_sql(sql::Dialect dialect) {
  const std::string_view epoch = dialect == sql::Dialect::kSqlite
                                     ? "lower(hex(randomblob(8)))"
                                     : "left(replace(gen_random_uuid()::text, '-', ''), 16)";
  return fmt::format(
      "INSERT INTO company_sequences(company_id, epoch, last_seq, pruned_seq) VALUES (?1, {}, ?2, "
      "0) ON CONFLICT (company_id) DO UPDATE SET last_seq = excluded.last_seq",
      epoch);
}

}  // namespace

ChangeStatements::ChangeStatements(sql::Dialect dialect)
    : read_counter("SELECT last_seq FROM company_sequences WHERE company_id = ?1"),
      last_time(
          "SELECT changed_at FROM change_times WHERE company_id = ?1 ORDER BY up_to DESC LIMIT 1"),
      any_tombstone("SELECT 1 FROM tombstones WHERE company_id = ?1 LIMIT 1"),
      write_counter(write_counter_sql(dialect)),
      add_time(
          "INSERT INTO change_times(company_id, up_to, changed_at) VALUES (?1, ?2, ?3) ON "
          "CONFLICT (company_id, up_to) DO UPDATE SET changed_at = excluded.changed_at"),
      drop_company{delete_all("company_sequences"), delete_all("change_times"),
                   delete_all("company_users"),     delete_all("company_rows"),
                   delete_all("tombstones"),        delete_all("plan_resources")},
      number_row(
          "INSERT INTO company_rows(company_id, entity, key, part, change_seq) VALUES (?1, "
          "?2, ?3, ?4, ?5) ON CONFLICT (company_id, entity, key, part) DO UPDATE SET "
          "change_seq = excluded.change_seq"),
      add_row(
          "INSERT INTO company_rows(company_id, entity, key, part, change_seq) VALUES (?1, ?2, "
          "?3, ?4, ?5) ON CONFLICT (company_id, entity, key, part) DO NOTHING"),
      remove_row(
          "DELETE FROM company_rows WHERE company_id = ?1 AND entity = ?2 AND key = ?3 AND "
          "part = ?4"),
      parts_of("SELECT part FROM company_rows WHERE company_id = ?1 AND entity = ?2 AND key = ?3"),
      add_tombstone(
          "INSERT INTO tombstones(company_id, entity, key, part, last_part, change_seq, "
          "changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (company_id, "
          "entity, key, part, last_part) DO UPDATE SET change_seq = excluded.change_seq, "
          "changed_at = excluded.changed_at"),
      drop_tombstone(
          "DELETE FROM tombstones WHERE company_id = ?1 AND entity = ?2 AND key = ?3 "
          "AND part = ?4 AND last_part = ?5"),
      drop_tombstones(dialect == sql::Dialect::kSqlite ? std::string() : drop_tombstones_sql()),
      find_tombstone(
          "SELECT change_seq, changed_at FROM tombstones WHERE company_id = ?1 AND "
          "entity = ?2 AND key = ?3 AND part = ?4 AND last_part = ?5"),
      number_user(
          "UPDATE company_users SET change_seq = ?3 WHERE company_id = ?1 AND user_id = "
          "?2"),
      add_users(add_users_sql()),
      has_user("SELECT 1 FROM company_users WHERE company_id = ?1 AND user_id = ?2"),
      remove_user("DELETE FROM company_users WHERE company_id = ?1 AND user_id = ?2"),
      sees_user{std::string(kSeesUser)},
      companies_of_user(
          "SELECT c.id FROM companies c WHERE (SELECT 1 FROM company_users u WHERE u.company_id = "
          "c.id AND u.user_id = ?1 LIMIT 1) = 1"),
      companies_of_program(
          companies_sql("contract_programs", "program_key", "program_progress", kProgramsId)),
      companies_of_assessment(companies_sql("contract_assessments", "assessment_id",
                                            "assessment_progress", kAssessmentsId)),
      companies_with_program_progress(
          "SELECT c.id FROM companies c WHERE (SELECT 1 FROM program_progress p WHERE p.company_id "
          "= c.id AND p.program_key = ?1 LIMIT 1) = 1"),
      covers_program(
          covers_sql("contract_programs", "program_key", "program_progress", kProgramsId)),
      covers_assessment(covers_sql("contract_assessments", "assessment_id", "assessment_progress",
                                   kAssessmentsId)),
      locales("SELECT locale FROM programs WHERE key = ?1 ORDER BY locale"),
      assessment("SELECT id FROM assessments WHERE id = ?1"),
      move_program_progress_of_user(
          move_sql("program_progress", "user_id program_key", "user_id = ?2", "email_key")),
      move_program_progress_of_program(
          move_sql("program_progress", "user_id program_key", "program_key = ?2", "title_key")),
      move_assessment_progress_of_user(
          move_sql("assessment_progress", "attempt_id", "user_id = ?2", "")),
      move_assessment_progress_of_assessment(
          move_sql("assessment_progress", "attempt_id", "assessment_id = ?2", "")),
      move_plan_progress_of_user(
          move_sql("learning_plan_progress", "plan_id user_id",
                   "plan_id IN (SELECT l.id FROM learning_plans l WHERE l.company_id = ?1) AND "
                   "user_id = ?2",
                   "")),
      move_plan_progress_of_plan(
          move_sql("learning_plan_progress", "plan_id user_id", "plan_id = ?2", "")) {}

const ChangeStatements& change_statements(sql::Dialect dialect) {
  static const ChangeStatements kSqlite(sql::Dialect::kSqlite);
  static const ChangeStatements kPostgres(sql::Dialect::kPostgres);
  return dialect == sql::Dialect::kSqlite ? kSqlite : kPostgres;
}

}  // namespace matricula::records
