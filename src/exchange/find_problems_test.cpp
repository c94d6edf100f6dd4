// Faults that are planted in a store, on either engine, and what `matricula check` says of each.
#include "records/find_problems.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <functional>
#include <gtest/gtest.h>

#include "exchange/find_invalid_records.h"
#include "exchange/testing.h"
#include "migrations/schema_objects.h"
#include "storage/postgres/testing_cluster.h"
#include "storage/snapshot.h"

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
          "1 learning_plans of another company than their contract\n"
          "6 rows in companies' sequences that are missing\n"
          "3 rows in companies' sequences too many\n"},
    Fault{"UPDATE learning_plans SET company_id = 'bolt' WHERE id = 'p1'",
          "1 learning_plans of another company than their contract\n"
          "1 program_progress of another company than their learning plan\n"
          "1 assessment_progress of another company than their learning plan\n"
          "1 learning_plan_progress of another company than their learning plan\n"
          "1 rows in companies' sequences that are missing\n"
          "1 rows in companies' sequences too many\n"
          "1 programs and assessments noted of plans that are missing\n"
          "1 programs and assessments noted of plans too many\n"},
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
    Fault{"UPDATE program_titles SET title = 'Wrong'",
          "1 titles of programs that differ from their programs'\n"
          "1 titles of programs that sort by another text\n"},
    Fault{"UPDATE program_titles SET title_key = 'x'",
          "1 program_progress that sort by another title than their program has\n"
          "1 titles of programs that sort by another text\n"},
    Fault{"DELETE FROM company_rows WHERE entity = 3",
          "2 rows in companies' sequences that are missing\n"},
    Fault{"UPDATE company_rows SET key = 'ghost' WHERE entity = 1 AND company_id = 'acme'",
          "1 rows in companies' sequences that are missing\n"
          "1 rows in companies' sequences too many\n"},
    Fault{"DELETE FROM company_sequences WHERE company_id = 'bolt'",
          "3 company_rows with a number beyond their company's last\n"
          "1 company_users with a number beyond their company's last\n"
          "1 program_progress with a number beyond their company's last\n"
          "1 companies without a sequence\n"},
    Fault{"UPDATE company_sequences SET pruned_seq = last_seq + 1 WHERE company_id = 'bolt'",
          "1 sequences that forgot more than they had\n"},
    Fault{"DELETE FROM change_times WHERE company_id = 'bolt'",
          "1 sequences without the time of their last change\n"},
    Fault{"DELETE FROM store_epoch", "1 epochs of the store other than one\n"},
    Fault{"INSERT INTO store_epoch(epoch) VALUES ('second')",
          "1 epochs of the store other than one\n"},
    Fault{"INSERT INTO tombstones(company_id, entity, key, part, last_part, change_seq, "
          "changed_at) SELECT company_id, entity, key, part, '', change_seq, 1 FROM company_rows "
          "WHERE company_id = 'bolt' AND entity = 1",
          "1 numbers that two rows of a company bear\n"
          "1 deletions of rows that are there\n"},
    Fault{"DELETE FROM plan_resources",
          "1 programs and assessments noted of plans that are missing\n"},
    Fault{"DELETE FROM people_blocks",
          "2 companies whose search index holds other people than are filed\n"},
    Fault{"UPDATE people_blocks SET first_key = 'zzzz' WHERE company_id = 'acme'",
          "1 companies whose search index holds other people than are filed\n"},
    Fault{"DELETE FROM people_grams WHERE company_id = 'acme'",
          "1 companies whose search index misses parts of names\n"},
};

// Values that no import takes, and what find_invalid_records() begins to say of each.
constexpr std::array kInvalid = {
    Fault{"UPDATE program_progress SET enrollment_status = 'FOO' WHERE company_id = 'acme'",
          "1 program_progress that import would refuse, the first: enrollmentStatus: expected"},
    Fault{"UPDATE program_progress SET projects_required_total = -5",
          "2 program_progress that import would refuse, the first: projectsRequiredTotal: "},
    Fault{"UPDATE program_progress SET completion_percentage = 5000",
          "2 program_progress that import would refuse, the first: completionPercentage: "},
    Fault{"UPDATE learning_plans SET steps = '[{' WHERE id = 'p1'",
          "1 learning_plans that import would refuse, the first: "},
    Fault{"UPDATE programs SET skill_names = 'nope' WHERE locale = 'de'",
          "1 programs that import would refuse, the first: "},
    Fault{"UPDATE programs SET type = 'XX'",
          "2 programs that import would refuse, the first: type: expected"},
    Fault{"UPDATE programs SET duration = 'soon'",
          "2 programs that import would refuse, the first: duration: expected"},
    Fault{"UPDATE contract_programs SET launch_url = 'javascript:alert(1)'",
          "1 contract_programs that import would refuse, the first: launchUrl: expected"},
};

// What older versions took, and this one no longer does.
constexpr std::string_view kOld[] = {
    "UPDATE companies SET slug = ' acme' WHERE id = 'acme'",
    "UPDATE learning_plans SET key = 'k ', steps = '[{\"stepId\":\" s\",\"stepType\":\"SURVEY\","
    "\"label\":\"l\",\"isRequired\":true,\"resourceKey\":null,\"steps\":null}]'"};

std::string problems(storage::Session& session) {
  std::string all;
  const auto found = records::find_problems(session);
  EXPECT_TRUE(found.has_value()) << found.error().internal;
  for (const std::string& problem : *found) {
    all += problem + "\n";
  }
  return all;
}

// Runs `look` in a write that is then given up, after `sql` where it is not empty.
void plant(storage::Database& database, const std::string& sql,
           const std::function<void(storage::Session&)>& look) {
  const storage::Statement statement(sql.empty() ? "SELECT 1" : sql);
  const auto given_up = database.write([&](storage::Session& session) -> Result<void> {
    EXPECT_EQ(problems(session), "") << "before " << sql;
    EXPECT_TRUE(session.execute(statement, {})) << sql;
    look(session);
    return fail(ErrorCode::kConflict, "given up");
  });
  EXPECT_EQ(given_up.error().message, "given up");
}

// Runs the statements in a write that is then given up; what is found of the schema after them.
std::vector<std::string> schema_problems_after(storage::Database& database,
                                               const std::vector<std::string>& statements) {
  std::vector<std::string> found;
  const auto given_up = database.write([&](storage::Session& session) -> Result<void> {
    for (const std::string& sql : statements) {
      const storage::Statement statement(sql);
      const auto done = session.execute(statement, {});
      EXPECT_TRUE(done) << sql << done.error().internal;
    }
    found = records::find_schema_problems(session).value();
    return fail(ErrorCode::kConflict, "given up");
  });
  EXPECT_EQ(given_up.error().message, "given up");
  return found;
}

void plant_in_schema(storage::Database& database) {
  using Found = std::vector<std::string>;
  if (database.dialect() == sql::Dialect::kSqlite) {
    EXPECT_EQ(
        schema_problems_after(database, {"DROP TRIGGER users_deleted",
                                         "CREATE TRIGGER users_deleted AFTER DELETE ON users BEGIN "
                                         "SELECT 1; END"}),
        Found{"the trigger users_deleted is not the one that `matricula migrate` makes"});
    return;
  }
  EXPECT_EQ(
      schema_problems_after(
          database, {"DROP TRIGGER users_deleted ON users",
                     "CREATE TRIGGER users_deleted BEFORE DELETE ON users FOR EACH ROW EXECUTE "
                     "FUNCTION users_updated()"}),
      Found{"the trigger users_deleted is not the one that `matricula migrate` makes"});
  EXPECT_EQ(schema_problems_after(
                database, {"CREATE OR REPLACE FUNCTION users_updated() RETURNS trigger LANGUAGE "
                           "plpgsql AS 'BEGIN RETURN NULL; END'",
                           "DROP FUNCTION keep_limit_time(BIGINT)"}),
            (Found{"the function keep_limit_time is missing",
                   "the function users_updated is not the one that `matricula migrate` makes"}));
}

// SQLite cannot disable a trigger.
void expect_imports_need_triggers(storage::Database& database,
                                  const std::vector<std::string>& paths) {
  if (database.dialect() != sql::Dialect::kPostgres) {
    return;
  }
  const auto set_triggers = [&](std::string_view state) {
    const storage::Statement alter(fmt::format("ALTER TABLE users {} TRIGGER USER", state));
    ASSERT_TRUE(database.write([&](storage::Session& session) -> Result<void> {
      MATRICULA_CHECK(session.execute(alter, {}));
      return {};
    }));
  };
  set_triggers("DISABLE");
  const auto refused = import_paths(database, paths, {}, SystemClock());
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kCorrupt);
  EXPECT_NE(refused.error().message.find("Nothing was written: the trigger users_deleted is "
                                         "disabled; `ALTER TABLE users ENABLE TRIGGER"),
            std::string::npos)
      << refused.error().message;
  set_triggers("ENABLE");
  EXPECT_TRUE(import_paths(database, paths, {}, SystemClock()));
}

// Plants each fault. `absent_user` is SQL for an id.
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
    plant(database, sql,
          [&](storage::Session& session) { EXPECT_EQ(problems(session), fault.found) << sql; });
  }
  for (const Fault& fault : kInvalid) {
    plant(database, std::string(fault.sql), [&](storage::Session& session) {
      const auto found = find_invalid_records(session);
      ASSERT_TRUE(found.has_value()) << fault.sql << found.error().internal;
      ASSERT_EQ(found->size(), 1u) << fault.sql;
      EXPECT_TRUE(found->front().starts_with(fault.found)) << found->front();
    });
  }
  for (const std::string_view sql : kOld) {
    plant(database, std::string(sql), [&](storage::Session& session) {
      EXPECT_EQ(find_invalid_records(session).value(), std::vector<std::string>()) << sql;
    });
  }
  plant(database, "DROP INDEX program_progress_by_title", [](storage::Session& session) {
    EXPECT_EQ(records::find_schema_problems(session).value(),
              std::vector<std::string>{"the index program_progress_by_title is missing"});
  });
  if (database.dialect() == sql::Dialect::kPostgres) {
    plant(database, "ALTER TABLE users DISABLE TRIGGER USER", [](storage::Session& session) {
      EXPECT_EQ(records::find_schema_problems(session).value().front(),
                "the trigger users_deleted is disabled; `ALTER TABLE users ENABLE TRIGGER "
                "users_deleted` enables it");
    });
  }
  plant_in_schema(database);
  expect_imports_need_triggers(database, paths);
  const auto reader = database.open_reader();
  const auto snapshot = storage::begin_snapshot(**reader);
  EXPECT_EQ(find_invalid_records(**reader).value(), std::vector<std::string>());
  EXPECT_EQ(records::find_schema_problems(**reader).value(), std::vector<std::string>());
}

TEST(FindProblems, TheSchemaIsKnownByTheTextsOfItsSteps) {
  const std::vector<migrations::SchemaObject> sqlite =
      migrations::schema_objects(sql::Dialect::kSqlite);
  const std::vector<migrations::SchemaObject> postgres =
      migrations::schema_objects(sql::Dialect::kPostgres);
  for (const auto& objects : {sqlite, postgres}) {
    for (const migrations::SchemaObject& object :
         {migrations::SchemaObject{"table", "program_progress"},
          migrations::SchemaObject{"index", "token_scopes_in_force"},
          migrations::SchemaObject{"trigger", "users_deleted"}}) {
      EXPECT_NE(std::ranges::find(objects, object), objects.end()) << object.name;
    }
  }
  EXPECT_NE(
      std::ranges::find(postgres, migrations::SchemaObject{"policy", "contracts.one_company"}),
      postgres.end());
  storage::TempStore store{migrations::all()};
  const auto reader = store.database().open_reader();
  const storage::Statement count(
      "SELECT count(*) FROM sqlite_schema WHERE type <> 'table' AND sql IS NOT NULL");
  const auto rows = (*reader)->query(count, {});
  ASSERT_TRUE((*rows)->next().value());
  EXPECT_EQ((*rows)->integer(0), std::ranges::count_if(sqlite, [](const auto& object) {
              return object.kind != "table";
            }));
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
    // As an index whose building was broken off.
    cluster.run(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = "
        "'program_progress_by_title'::regclass",
        name);
    const auto reader = (*database)->open_reader();
    EXPECT_EQ(records::find_schema_problems(**reader).value(),
              std::vector<std::string>{"the index program_progress_by_title is invalid, and not "
                                       "read; `REINDEX INDEX program_progress_by_title` makes it "
                                       "anew"});
    // check() leaves it to the above: `matricula check` ends where check() finds problems.
    EXPECT_EQ((*database)->check().value(), std::vector<std::string>{});
  }
  cluster.drop_database(name);
}

}  // namespace
}  // namespace matricula::exchange
