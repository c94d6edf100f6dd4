// What the statements of a store rely on, whatever the defaults are.
#include "storage/postgres/settings.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/postgres/await.h"
#include "storage/postgres/testing_cluster.h"
#include "storage/test_notes.h"

namespace matricula::storage::postgres {
namespace {

class Settings : public testing::Test {
 protected:
  ~Settings() override { cluster_.drop_database(name_); }

  void set_default(std::string_view name, std::string_view value) const {
    cluster_.run(fmt::format("ALTER DATABASE {} SET {} = {}", name_, name, value));
  }
  static std::string text(Session& session, const std::string& sql) {
    const Statement statement(sql);
    const auto rows = session.query(statement, {});
    EXPECT_TRUE(rows) << rows.error().internal;
    EXPECT_EQ((*rows)->next(), true);
    return std::string((*rows)->text(0));
  }

  SystemClock clock_;
  PrivateCluster& cluster_ = PrivateCluster::instance();
  const std::string name_ = cluster_.new_database();
};

TEST_F(Settings, ComeFromUsWhateverTheDatabasesDefaultsAre) {
  set_default("default_transaction_isolation", "'serializable'");
  set_default("default_transaction_read_only", "on");
  set_default("default_transaction_deferrable", "on");
  set_default("row_security", "off");
  set_default("search_path", "nowhere");
  set_default("synchronous_commit", "off");
  set_default("statement_timeout", "200");
  set_default("enable_sort", "off");
  set_default("\"DateStyle\"", "'SQL, DMY'");
  set_default("\"TimeZone\"", "'Asia/Kolkata'");
  set_default("\"IntervalStyle\"", "'iso_8601'");
  set_default("bytea_output", "'escape'");
  set_default("extra_float_digits", "-5");
  set_default("standard_conforming_strings", "off");
  set_default("plan_cache_mode", "'auto'");
  set_default("enable_indexscan", "off");
  set_default("matricula.company", "'4821'");
  const auto database =
      open_database(cluster_.url(name_), {.migrations = kNotesMigrations}, clock_).value();
  ASSERT_TRUE(add_note(*database, 1, "x"));
  const auto reader = database->open_reader().value();
  const auto serves = database->open_access_session().value();
  EXPECT_EQ(count_notes(*reader), 1);
  constexpr const char* kSettings[] = {"transaction_isolation",
                                       "row_security",
                                       "search_path",
                                       "synchronous_commit",
                                       "statement_timeout",
                                       "DateStyle",
                                       "TimeZone",
                                       "IntervalStyle",
                                       "bytea_output",
                                       "extra_float_digits",
                                       "plan_cache_mode",
                                       "enable_indexscan",
                                       "matricula.company",
                                       "enable_hashjoin",
                                       "standard_conforming_strings",
                                       "transaction_read_only",
                                       "transaction_deferrable"};
  std::string found;
  for (const char* name : kSettings) {
    found += text(*serves, fmt::format("SELECT current_setting('{}')", name)) + ";";
  }
  EXPECT_EQ(found,
            "read committed;on;public, pg_temp;on;0;ISO, MDY;UTC;postgres;hex;1;force_generic_plan;"
            "on;;off;on;off;off;");
  EXPECT_EQ(text(*reader, "SELECT current_setting('transaction_read_only')"), "on");
}

// The first statements of a connection are under the limit themselves.
TEST_F(Settings, AConnectionLiftsATimeLimitOfTheRoles) {
  set_default("statement_timeout", "1");
  for (int round = 0; round < 30; ++round) {
    const auto database =
        open_database(cluster_.url(name_), {.migrations = kNotesMigrations}, clock_);
    ASSERT_TRUE(database) << round << ": " << database.error().message;
    EXPECT_TRUE(add_note(**database, round, "x")) << round;
    const auto session = (*database)->open_access_session().value();
    EXPECT_EQ(text(*session, "SELECT pg_sleep(0.02)::text || current_setting('statement_timeout')"),
              "0");
  }
}

// Whoever wants a commit to wait for more than that keeps it.
TEST_F(Settings, ADatabaseThatRunsNoTriggersIsNotWrittenTo) {
  const std::string url = cluster_.url(name_);
  const OpenOptions options{.migrations = kNotesMigrations};
  ASSERT_TRUE(open_database(url, options, clock_));
  set_default("session_replication_role", "'replica'");
  const auto database = open_database(url, options, clock_);
  ASSERT_FALSE(database);
  EXPECT_THAT(database.error().message,
              testing::HasSubstr("session_replication_role is \"replica\""));
  set_default("session_replication_role", "'local'");
  EXPECT_TRUE(add_note(*open_database(url, options, clock_).value(), 1, "x"));
}

TEST_F(Settings, AStrongerCommitIsKept) {
  set_default("synchronous_commit", "remote_apply");
  const auto database =
      open_database(cluster_.url(name_), {.migrations = kNotesMigrations}, clock_).value();
  EXPECT_EQ(text(*database->open_reader().value(), "SELECT current_setting('synchronous_commit')"),
            "remote_apply");
}

TEST_F(Settings, TheSchemaIsThatOfTheStoresTables) {
  cluster_.run("CREATE SCHEMA learning AUTHORIZATION matricula_owner", name_);
  cluster_.run("ALTER ROLE matricula_owner IN DATABASE " + name_ + " SET search_path = learning");
  {
    const auto made =
        open_database(cluster_.url(name_), {.migrations = kNotesMigrations}, clock_).value();
    ASSERT_TRUE(add_note(*made, 1, "x"));
  }
  cluster_.run("ALTER ROLE matricula_owner IN DATABASE " + name_ + " RESET search_path");
  const auto database =
      open_database(cluster_.url(name_), {.migrations = kNotesMigrations}, clock_).value();
  EXPECT_EQ(count_notes(*database->open_reader().value()), 1);
  EXPECT_EQ(text(*database->open_reader().value(), "SELECT current_schema()::text"), "learning");
}

TEST_F(Settings, AreThoseThatAVersionHas) {
  const auto has = [](int version, std::string_view name) {
    return settings_list(Access::kServe, Scope::kSession, version, "'public'").find(name) !=
           std::string::npos;
  };
  EXPECT_FALSE(has(13'00'10, "idle_session_timeout"));
  EXPECT_TRUE(has(14'00'00, "idle_session_timeout"));
  EXPECT_FALSE(has(16'00'09, "transaction_timeout"));
  EXPECT_TRUE(has(17'00'00, "transaction_timeout"));
  EXPECT_EQ(watch_clients_text(13'00'10), "");
}

TEST_F(Settings, ARoleThatNothingHoldsToOneCompanyIsRefused) {
  const auto refused = [&](const char* role, Fence fence) {
    const Result<void> fenced = require_fence(cluster_.url(name_, role), fence, clock_);
    return fenced ? "" : fenced.error().message;
  };
  cluster_.run(
      "CREATE TABLE t(company TEXT); ALTER TABLE t OWNER TO matricula_owner; "
      "CREATE POLICY p ON t USING (true)",
      name_);
  EXPECT_NE(refused("postgres", Fence::kOwnerToo).find(" is a superuser, so that row-level"),
            std::string::npos);
  EXPECT_NE(refused("matricula_owner", Fence::kNoPrivilege).find(" owns the tables, so that"),
            std::string::npos);
  EXPECT_EQ(refused("matricula_owner", Fence::kOwnerToo), "");
  EXPECT_EQ(refused("matricula_app", Fence::kNoPrivilege), "");
  cluster_.run("ALTER ROLE matricula_app BYPASSRLS");
  EXPECT_NE(refused("matricula_app", Fence::kOwnerToo).find(" has BYPASSRLS, so that row-level"),
            std::string::npos);
  cluster_.run("ALTER ROLE matricula_app NOBYPASSRLS");
}

TEST_F(Settings, WhoSeesOneCompanyAloneCannotCheckTheStore) {
  const OpenOptions options{.migrations = kNotesMigrations, .app_role = "matricula_app"};
  const auto owner = open_database(cluster_.url(name_), options, clock_).value();
  EXPECT_EQ(owner->check(), std::vector<std::string>{});
  const auto app = open_database(cluster_.url(name_, "matricula_app"),
                                 {.migrations = kNotesMigrations, .migrate = false}, clock_)
                       .value();
  const auto checked = app->check();
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, ErrorCode::kUsage);
}

TEST_F(Settings, AServerThatIsNotThereIsWaitedForAndADatabaseThatIsNotIsNot) {
  std::vector<std::string> notes;
  int pauses = 0;
  const auto await = [&](const std::string& url, std::chrono::milliseconds limit) {
    return await_server(url,
                        {.limit = limit,
                         .note = [&](std::string_view line) { notes.emplace_back(line); },
                         .pause =
                             [&](auto) {
                               if (++pauses == 2) {
                                 cluster_.start();
                               }
                               return true;
                             }},
                        clock_);
  };
  const Result<bool> missing = await(cluster_.url("nowhere"), std::chrono::minutes(1));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(pauses, 0);
  cluster_.stop_at_once();
  EXPECT_EQ(await(cluster_.url(name_), std::chrono::minutes(1)), true);
  EXPECT_EQ(pauses, 2);
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_TRUE(notes[0].starts_with("waiting for the store postgresql://")) << notes[0];
  cluster_.stop_at_once();
  const Result<bool> late = await(cluster_.url(name_), std::chrono::milliseconds(0));
  ASSERT_FALSE(late);
  EXPECT_NE(late.error().message.find("The server cannot be reached: "), std::string::npos)
      << late.error().message;
  cluster_.start();
}

}  // namespace
}  // namespace matricula::storage::postgres
