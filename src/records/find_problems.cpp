#include "records/find_problems.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/text.h"
#include "records/change_sql.h"
#include "records/company_rows.h"
#include "records/entities.h"
#include "records/plan_resources.h"
#include "records/record_sql.h"
#include "records/statement_rows.h"
#include "records/user_table.h"
#include "storage/each_row.h"
#include "storage/people_check.h"

namespace matricula::records {
namespace {

using storage::Session;
using storage::Statement;

// Counts rows that must not exist: `from` is the text behind FROM.
struct Check {
  std::string what;
  std::string from;
};

std::string_view key_column(EntityId id) {
  return id == EntityId::kPrograms ? "key" : "id";
}

void add_references(std::vector<Check>& checks) {
  for (const Entity& of : entities()) {
    for (const Field& field : of.fields) {
      if (!field.refers_to || field.is_loose) {
        continue;
      }
      const Entity& to = entity(*field.refers_to);
      checks.push_back(
          {fmt::format("{} whose {} does not exist", of.name, to.noun),
           fmt::format("{} t WHERE t.{} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {} r WHERE "
                       "r.{} = t.{})",
                       of.name, field.column, to.name, key_column(to.id), field.column)});
      const bool is_of_company = to.id == EntityId::kContracts || to.id == EntityId::kLearningPlans;
      if (is_of_company && find_field(of, "companyId")) {
        checks.push_back({fmt::format("{} of another company than their {}", of.name, to.noun),
                          fmt::format("{} t JOIN {} r ON r.id = t.{} WHERE r.company_id <> "
                                      "t.company_id",
                                      of.name, to.name, field.column)});
      }
    }
  }
}

void add_copies(std::vector<Check>& checks) {
  checks.push_back({"program_progress with another address than their user has",
                    "program_progress t JOIN users u ON u.id = t.user_id WHERE t.email_key <> "
                    "u.email_key"});
  checks.push_back({"program_progress that sort by another title than their program has",
                    "program_progress t LEFT JOIN program_titles p ON p.key = t.program_key WHERE "
                    "t.title_key <> coalesce(p.title_key, t.program_key)"});
  checks.push_back({"programs without their title",
                    "programs t WHERE NOT EXISTS (SELECT 1 FROM program_titles p WHERE p.key = "
                    "t.key)"});
  checks.push_back({"titles of programs that differ from their programs'",
                    "program_titles t WHERE t.title <> (SELECT p.title FROM programs p WHERE p.key "
                    "= t.key ORDER BY CASE p.locale WHEN 'en-us' THEN 0 ELSE 1 END, p.locale LIMIT "
                    "1)"});
  checks.push_back({"titles of programs that do not exist",
                    "program_titles t WHERE NOT EXISTS (SELECT 1 FROM programs p WHERE p.key = "
                    "t.key)"});
}

// The rows that belong to companies, as company_rows has them: of programs and assessments those
// that a contract covers, or that a record or a step of a plan names.
std::string rows_of_companies() {
  constexpr std::string_view kPairs =
      "SELECT c.company_id, {0}, p.contract_id, p.{1} FROM {2} p JOIN contracts c ON c.id = "
      "p.contract_id";
  constexpr std::string_view kNamed =
      "SELECT n.company_id, {0}, r.{1}, {2} FROM (SELECT c.company_id, p.{3} AS key FROM {4} p "
      "JOIN contracts c ON c.id = p.contract_id UNION SELECT company_id, {3} FROM {5} UNION SELECT "
      "company_id, key FROM plan_resources WHERE entity = {0}) n JOIN {6} r ON r.{1} = n.key";
  const auto number = [](EntityId id) { return static_cast<int>(id); };
  const std::array<std::string, 7> selects = {
      fmt::format("SELECT id, {}, id, '' FROM companies", number(EntityId::kCompanies)),
      fmt::format("SELECT company_id, {}, id, '' FROM contracts", number(EntityId::kContracts)),
      fmt::format("SELECT company_id, {}, id, '' FROM learning_plans",
                  number(EntityId::kLearningPlans)),
      fmt::format(kPairs, number(EntityId::kContractPrograms), "program_key", "contract_programs"),
      fmt::format(kPairs, number(EntityId::kContractAssessments), "assessment_id",
                  "contract_assessments"),
      fmt::format(kNamed, number(EntityId::kPrograms), "key", "r.locale", "program_key",
                  "contract_programs", "program_progress", "programs"),
      fmt::format(kNamed, number(EntityId::kAssessments), "id", "''", "assessment_id",
                  "contract_assessments", "assessment_progress", "assessments")};
  std::string all;
  for (const std::string& select : selects) {
    all += (all.empty() ? "" : " UNION ALL ") + select;
  }
  return all;
}

// Steps that are no JSON name nothing: they are found as values that import would refuse.
std::string resources_of_plans(sql::Dialect dialect) {
  constexpr std::string_view kReadable =
      "(SELECT id, company_id, CASE WHEN json_valid(steps) THEN steps ELSE '[]' END AS steps FROM "
      "learning_plans)";
  return plan_resources_sql(dialect,
                            dialect == sql::Dialect::kSqlite ? kReadable : "learning_plans");
}

// That a table derived from others has the rows that it should and no other.
void add_derived(std::vector<Check>& checks, std::string_view what, std::string_view kept,
                 std::string_view true_ones) {
  // EXCEPT and UNION ALL have one precedence: each side is a subquery.
  constexpr std::string_view kExcept =
      "(SELECT * FROM ({}) a EXCEPT SELECT * FROM ({}) b) different";
  checks.push_back(
      {fmt::format("{} that are missing", what), fmt::format(kExcept, true_ones, kept)});
  checks.push_back({fmt::format("{} too many", what), fmt::format(kExcept, kept, true_ones)});
}

void add_derived(std::vector<Check>& checks, sql::Dialect dialect) {
  add_derived(checks, "rows in companies' sequences",
              "SELECT company_id, entity, key, part FROM company_rows", rows_of_companies());
  add_derived(checks, "programs and assessments noted of plans",
              "SELECT company_id, entity, key, plan_id FROM plan_resources",
              resources_of_plans(dialect));
}

void add_sequences(std::vector<Check>& checks) {
  std::string numbers;
  for (const std::string_view table : kNumberedTables) {
    numbers += fmt::format("{}SELECT company_id, change_seq FROM {}",
                           numbers.empty() ? "" : " UNION ALL ", table);
    checks.push_back({fmt::format("{} with a number beyond their company's last", table),
                      fmt::format("{} t WHERE t.change_seq < 1 OR NOT EXISTS (SELECT 1 FROM "
                                  "company_sequences s WHERE s.company_id = t.company_id AND "
                                  "s.last_seq >= t.change_seq)",
                                  table)});
  }
  checks.push_back({"numbers that two rows of a company bear",
                    fmt::format("(SELECT 1 AS one FROM ({}) n GROUP BY company_id, change_seq "
                                "HAVING count(*) > 1) twice",
                                numbers)});
  constexpr std::string_view kUsers =
      "(SELECT company_id, user_id FROM program_progress UNION SELECT company_id, user_id FROM "
      "assessment_progress WHERE user_id IS NOT NULL UNION SELECT company_id, user_id FROM "
      "learning_plan_progress)";
  checks.push_back({"users that a company's sequence misses",
                    fmt::format("{} t WHERE NOT EXISTS (SELECT 1 FROM company_users c WHERE "
                                "c.company_id = t.company_id AND c.user_id = t.user_id)",
                                kUsers)});
  checks.push_back({"users in a company's sequence that no record is about",
                    fmt::format("company_users c WHERE NOT EXISTS (SELECT 1 FROM {} t WHERE "
                                "c.company_id = t.company_id AND c.user_id = t.user_id)",
                                kUsers)});
  checks.push_back({"companies without a sequence",
                    "companies t WHERE NOT EXISTS (SELECT 1 FROM company_sequences s WHERE "
                    "s.company_id = t.id)"});
  checks.push_back({"sequences that forgot more than they had",
                    "company_sequences s WHERE s.pruned_seq < 0 OR s.pruned_seq > s.last_seq"});
  checks.push_back({"sequences without the time of their last change",
                    "company_sequences s WHERE NOT EXISTS (SELECT 1 FROM change_times t WHERE "
                    "t.company_id = s.company_id AND t.up_to >= s.last_seq)"});
  checks.push_back({"deletions of rows that are there",
                    "tombstones t JOIN company_rows r ON r.company_id = t.company_id AND r.entity "
                    "= t.entity AND r.key = t.key AND r.part = t.part"});
  checks.push_back({"epochs of the store other than one",
                    "(SELECT 1 AS one WHERE (SELECT count(*) FROM store_epoch WHERE epoch <> '') "
                    "<> 1) differ"});
}

// The histograms that triggers maintain, compared with the rows of their tables.
void add_counts(std::vector<Check>& checks) {
  struct Counts {
    std::string_view table;
    std::string_view rows;
    std::string_view columns;
  };
  constexpr std::array<Counts, 4> kCounts = {
      {{"program_progress_counts", "program_progress",
        "company_id, program_type, enrollment_status, on_track_status"},
       {"program_progress_program_counts", "program_progress",
        "company_id, program_key, program_type, enrollment_status, on_track_status"},
       {"assessment_progress_counts", "assessment_progress",
        "company_id, assessment_status, assessment_result_key"},
       {"learning_plan_progress_counts", "learning_plan_progress",
        "company_id, plan_id, subscription_status"}}};
  for (const Counts& counts : kCounts) {
    const std::string kept = fmt::format("SELECT {0}, row_count FROM {1} WHERE row_count <> 0",
                                         counts.columns, counts.table);
    const std::string true_ones =
        fmt::format("SELECT {0}, count(*) FROM {1} GROUP BY {0}", counts.columns, counts.rows);
    checks.push_back({fmt::format("counts of {} that differ from its rows", counts.rows),
                      fmt::format("(SELECT * FROM ({0} EXCEPT {1}) more UNION ALL SELECT * FROM "
                                  "({1} EXCEPT {0}) fewer) differ",
                                  kept, true_ones)});
  }
}

// The search index over each company's people.
void add_people(std::vector<Check>& checks) {
  checks.push_back({"people with program progress that searches miss",
                    "(SELECT DISTINCT company_id, user_id FROM program_progress) t WHERE NOT "
                    "EXISTS (SELECT 1 FROM company_people c WHERE c.company_id = t.company_id AND "
                    "c.user_id = t.user_id AND c.is_pending = 0)"});
  checks.push_back({"people that searches look for under another address",
                    "company_people c JOIN users u ON u.id = c.user_id WHERE c.filed_key IS NOT "
                    "NULL AND c.filed_key <> u.email_key"});
  checks.push_back({"companies whose search index holds more or fewer people",
                    "people_index i WHERE i.people <> (SELECT count(*) FROM company_people c "
                    "WHERE c.company_id = i.company_id AND c.filed_key IS NOT NULL)"});
}

// The columns of a user that code computes, and that SQL cannot check.
Result<void> check_users(Session& session, std::vector<std::string>& problems) {
  static const Statement kAll(
      "SELECT id, email, first_name, last_name, email_key, search FROM users ORDER BY id",
      storage::ResultSize::kLarge);
  std::size_t bad_keys = 0;
  std::size_t bad_texts = 0;
  std::string search;
  MATRICULA_CHECK(each_row(session, kAll, {}, [&](const storage::Rows& row) {
    bad_keys += to_lower(row.text(1)) == row.text(4) ? 0 : 1;
    make_user_search({.id = row.bytes(0),
                      .email = row.text(1),
                      .first_name = row.text(2),
                      .last_name = row.text(3)},
                     search);
    bad_texts += search == row.text(5) ? 0 : 1;
  }));
  if (bad_keys > 0) {
    problems.push_back(fmt::format("{} users with an address that is not found by", bad_keys));
  }
  if (bad_texts > 0) {
    problems.push_back(fmt::format("{} users with a search text of other names", bad_texts));
  }
  return {};
}

Result<void> check_titles(Session& session, std::vector<std::string>& problems) {
  static const Statement kAll("SELECT title, title_key FROM program_titles ORDER BY key",
                              storage::ResultSize::kLarge);
  std::size_t bad = 0;
  MATRICULA_CHECK(each_row(session, kAll, {}, [&](const storage::Rows& row) {
    bad += to_lower(row.text(0)) == row.text(1) ? 0 : 1;
  }));
  if (bad > 0) {
    problems.push_back(fmt::format("{} titles of programs that sort by another text", bad));
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> find_problems(Session& session) {
  std::vector<Check> checks;
  add_references(checks);
  add_copies(checks);
  add_sequences(checks);
  add_counts(checks);
  add_people(checks);
  add_derived(checks, session.dialect());
  std::vector<std::string> problems;
  for (const Check& check : checks) {
    const Statement count("SELECT count(*) FROM " + check.from);
    MATRICULA_TRY(const std::optional<std::int64_t> rows, one_integer(session, count, {}));
    if (rows.value_or(0) > 0) {
      problems.push_back(fmt::format("{} {}", *rows, check.what));
    }
  }
  MATRICULA_CHECK(check_users(session, problems));
  MATRICULA_CHECK(check_titles(session, problems));
  MATRICULA_TRY(const std::vector<std::string> people, storage::find_people_problems(session));
  problems.insert(problems.end(), people.begin(), people.end());
  return problems;
}

}  // namespace matricula::records
