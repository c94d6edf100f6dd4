#include "records/find_problems.h"

#include <array>
#include <fmt/format.h>

#include "base/text.h"
#include "records/company_rows.h"
#include "records/entities.h"
#include "records/record_sql.h"
#include "records/statement_rows.h"
#include "records/user_table.h"
#include "storage/each_row.h"

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
  checks.push_back({"titles of programs that do not exist",
                    "program_titles t WHERE NOT EXISTS (SELECT 1 FROM programs p WHERE p.key = "
                    "t.key)"});
}

void add_sequences(std::vector<Check>& checks) {
  std::string numbers;
  for (const std::string_view table :
       {"company_rows", "company_users", "program_progress", "assessment_progress",
        "learning_plan_progress", "tombstones"}) {
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
  for (const EntityId id : {EntityId::kCompanies, EntityId::kContracts, EntityId::kContractPrograms,
                            EntityId::kContractAssessments, EntityId::kLearningPlans}) {
    checks.push_back(
        {fmt::format("more or fewer {} than their companies' sequences have", entity(id).name),
         fmt::format("(SELECT 1 AS one WHERE (SELECT count(*) FROM {}) <> (SELECT count(*) FROM "
                     "company_rows WHERE entity = {})) differ",
                     entity(id).name, static_cast<int>(id))});
  }
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

}  // namespace

Result<std::vector<std::string>> find_problems(Session& session) {
  std::vector<Check> checks;
  add_references(checks);
  add_copies(checks);
  add_sequences(checks);
  add_counts(checks);
  add_people(checks);
  std::vector<std::string> problems;
  for (const Check& check : checks) {
    const Statement count("SELECT count(*) FROM " + check.from);
    MATRICULA_TRY(const std::optional<std::int64_t> rows, one_integer(session, count, {}));
    if (rows.value_or(0) > 0) {
      problems.push_back(fmt::format("{} {}", *rows, check.what));
    }
  }
  MATRICULA_CHECK(check_users(session, problems));
  return problems;
}

}  // namespace matricula::records
