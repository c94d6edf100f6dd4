// Faults that are planted in a store, on either engine, and what `matricula check` says of each.
#include "records/find_problems.h"

#include <array>
#include <gtest/gtest.h>

#include "exchange/testing.h"
#include "storage/postgres/testing_cluster.h"

namespace matricula::exchange {
namespace {

struct Fault {
  std::string_view sql;
  std::string_view found;  // sentences, a line each
};

constexpr std::array kFaults = {
    Fault{"UPDATE program_progress SET user_id = {} WHERE company_id = 'acme'",
          "1 program_progress whose user does not exist\n"
          "1 users that a company's sequence misses\n"
          "1 people with program progress that searches miss\n"},
    Fault{"UPDATE assessment_progress SET assessment_id = 'none' WHERE attempt_id = 't2'",
          "1 assessment_progress whose assessment does not exist\n"},
    Fault{"UPDATE contracts SET company_id = 'none' WHERE id = 'a1'",
          "1 contracts whose company does not exist\n"
          "1 learning_plans of another company than their contract\n"},
    Fault{"UPDATE learning_plans SET company_id = 'bolt' WHERE id = 'p1'",
          "1 learning_plans of another company than their contract\n"
          "1 program_progress of another company than their learning plan\n"
          "1 assessment_progress of another company than their learning plan\n"
          "1 learning_plan_progress of another company than their learning plan\n"},
    Fault{"UPDATE program_progress SET email_key = 'x' WHERE company_id = 'acme'",
          "1 program_progress with another address than their user has\n"},
    Fault{"UPDATE program_progress SET title_key = 'x' WHERE company_id = 'acme'",
          "1 program_progress that sort by another title than their program has\n"},
    Fault{"DELETE FROM program_titles",
          "1 program_progress that sort by another title than their program has\n"
          "2 programs without their title\n"},
    Fault{"UPDATE users SET search = 'x' WHERE email LIKE 'grace%'",
          "1 users with a search text of other names\n"},
    Fault{"UPDATE program_progress_counts SET row_count = 5 WHERE company_id = 'acme'",
          "2 counts of program_progress that differ from its rows\n"},
    Fault{"DELETE FROM assessment_progress_counts",
          "2 counts of assessment_progress that differ from its rows\n"},
    Fault{"UPDATE company_people SET filed_key = 'x' WHERE company_id = 'acme'",
          "1 people that searches look for under another address\n"},
    Fault{"UPDATE people_index SET people = 7 WHERE company_id = 'acme'",
          "1 companies whose search index holds more or fewer people\n"},
    Fault{"DELETE FROM company_users WHERE company_id = 'bolt'",
          "1 users that a company's sequence misses\n"},
};

std::string problems(storage::Session& session) {
  std::string all;
  const auto found = records::find_problems(session);
  EXPECT_TRUE(found.has_value()) << found.error().internal;
  for (const std::string& problem : *found) {
    all += problem + "\n";
  }
  return all;
}

// Plants each fault in a write that is then given up. `absent_user` is SQL for an id.
void expect_faults_found(storage::Database& database, const std::string& absent_user) {
  const storage::TempDirectory files;
  for (const auto& [name, text] : sample_files()) {
    write_file(files.file(name + ".ndjson"), text);
  }
  const std::vector<std::string> paths = {files.path()};
  ASSERT_TRUE(import_paths(database, paths, {}, SystemClock()));
  for (const Fault& fault : kFaults) {
    std::string sql(fault.sql);
    if (const std::size_t at = sql.find("{}"); at != std::string::npos) {
      sql.replace(at, 2, absent_user);
    }
    const storage::Statement statement(sql);
    const auto given_up = database.write([&](storage::Session& session) -> Result<void> {
      EXPECT_EQ(problems(session), "") << "before " << sql;
      EXPECT_TRUE(session.execute(statement, {})) << sql;
      EXPECT_EQ(problems(session), fault.found) << sql;
      return fail(ErrorCode::kConflict, "given up");
    });
    EXPECT_EQ(given_up.error().message, "given up");
  }
}

TEST(FindProblems, NamesWhatIsWrongInSqlite) {
  storage::TempStore store{migrations::all()};
  expect_faults_found(store.database(), "x'00000000000000000000000000000000'");
}

TEST(FindProblems, NamesWhatIsWrongInPostgresql) {
  auto& cluster = storage::postgres::PrivateCluster::instance();
  const std::string name = cluster.new_database();
  {
    const SystemClock clock;
    const auto database =
        storage::open_database(cluster.url(name), {.migrations = migrations::all()}, clock);
    ASSERT_TRUE(database.has_value());
    expect_faults_found(**database, "'\\x00000000000000000000000000000000'");
  }
  cluster.drop_database(name);
}

}  // namespace
}  // namespace matricula::exchange
