// Whose rows a session sees where row-level security holds its role to one company.
#include <gtest/gtest.h>
#include <thread>

#include "storage/each_row.h"
#include "storage/postgres/database.h"
#include "storage/postgres/testing_cluster.h"
#include "storage/session_scope.h"
#include "storage/snapshot.h"
#include "storage/test_notes.h"

namespace matricula::storage::postgres {
namespace {

const Statement& count_rows() {
  static const Statement kCount("SELECT count(*) FROM marks");
  return kCount;
}

const Statement& all_rows() {
  static const Statement kAll("SELECT mark FROM marks", ResultSize::kLarge);
  return kAll;
}

class PostgresTenant : public testing::Test {
 protected:
  PostgresTenant() {
    const OpenOptions options{.migrations = kNotesMigrations, .app_role = "matricula_app"};
    EXPECT_TRUE(open_database(cluster_.url(name_), options, clock_));
    cluster_.run(
        "CREATE TABLE marks(company TEXT, mark INTEGER); "
        "INSERT INTO marks VALUES ('11', 1), ('11', 2), ('12', 3); "
        "ALTER TABLE marks ENABLE ROW LEVEL SECURITY; "
        "CREATE POLICY own ON marks USING (company = current_setting('matricula.company', true)); "
        "GRANT SELECT ON marks TO matricula_app",
        name_);
    database_ = open_database(cluster_.url(name_, "matricula_app"),
                              {.migrations = kNotesMigrations, .migrate = false}, clock_)
                    .value();
    session_ = database_->open_reader().value();
  }
  ~PostgresTenant() override {
    session_.reset();
    database_.reset();
    cluster_.drop_database(name_);
  }

  static Result<std::int64_t> count_large(Session& session) {
    std::int64_t rows = 0;
    MATRICULA_CHECK(each_row(session, all_rows(), {}, [&](const Rows&) { ++rows; }));
    return rows;
  }

  SystemClock clock_;
  PrivateCluster& cluster_ = PrivateCluster::instance();
  std::string name_ = cluster_.new_database();
  std::unique_ptr<Database> database_;
  std::unique_ptr<Session> session_;
};

TEST_F(PostgresTenant, AWriteSeesItsCompanyAfterOneOfItThatFailed) {
  for (int round = 0; round < 2; ++round) {
    EXPECT_FALSE(database_->write([](Session& session) -> Result<void> {
      const TenantScope tenant = scope_to_tenant(session, "11");
      EXPECT_EQ(number(session, count_rows()), 2);
      return fail(ErrorCode::kConflict, "no further");
    }));
    EXPECT_TRUE(database_->write([](Session& session) -> Result<void> {
      const TenantScope tenant = scope_to_tenant(session, "11");
      EXPECT_EQ(number(session, count_rows()), 2);
      return {};
    }));
  }
}

TEST_F(PostgresTenant, ASnapshotThatBeganWithoutACompanySeesOneThatWasSetBefore) {
  session_->set_tenant("11");
  EXPECT_EQ(number(*session_, count_rows()), 2);
  session_->set_tenant({});
  const SnapshotHandle snapshot = begin_snapshot(*session_).value();
  EXPECT_EQ(number(*session_, count_rows()), 0);
  session_->set_tenant("11");
  EXPECT_EQ(number(*session_, count_rows()), 2);
  session_->set_tenant("12");
  EXPECT_EQ(count_large(*session_), 1);
}

TEST_F(PostgresTenant, ALargeResultIsThatOfTheCompany) {
  EXPECT_TRUE(database_->write([](Session& session) -> Result<void> {
    for (const auto& [company, rows] : {std::pair("11", 2), {"12", 1}}) {
      const TenantScope tenant = scope_to_tenant(session, company);
      EXPECT_EQ(count_large(session), rows);
    }
    return {};
  }));
}

TEST_F(PostgresTenant, ASnapshotWhoseConnectionWasLostAnswersNothingMore) {
  session_->set_tenant("11");
  {
    const SnapshotHandle snapshot = begin_snapshot(*session_).value();
    EXPECT_EQ(number(*session_, count_rows()), 2);
    cluster_.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> "
        "pg_backend_pid() AND backend_type = 'client backend'",
        name_);
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    EXPECT_FALSE(number(*session_, count_rows()));
    EXPECT_FALSE(number(*session_, count_rows()));
    EXPECT_FALSE(count_large(*session_));
  }
  EXPECT_EQ(number(*session_, count_rows()), 2);
}

}  // namespace
}  // namespace matricula::storage::postgres
