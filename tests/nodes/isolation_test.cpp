// Row-level security, tried as the role that servers use.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <span>

#include "auth/trail/audit.h"
#include "exchange/export.h"
#include "exchange/import.h"
#include "server/store.h"
#include "storage/postgres/testing_cluster.h"
#include "storage/testing.h"

namespace matricula::nodes {
namespace {

using storage::Session;
using storage::Statement;
using storage::postgres::PrivateCluster;

constexpr const char* kTables[] = {
    "contracts",         "learning_plans",       "program_progress",      "assessment_progress",
    "contract_programs", "contract_assessments", "learning_plan_progress"};

class Isolation : public testing::Test {
 protected:
  Isolation() {
    const std::string data = "tests/cases/data";
    owner_ = server::open_store(cluster_.url(name_), {.app_role = "matricula_app"}, clock_).value();
    EXPECT_TRUE(exchange::import_paths(*owner_, std::span(&data, 1), {}, clock_));
    app_ = server::open_store(cluster_.url(name_, "matricula_app"), {.migrate = false}, clock_)
               .value();
  }
  ~Isolation() override {
    owner_.reset();
    app_.reset();
    cluster_.drop_database(name_);
  }

  static std::int64_t count(Session& session, const std::string& text) {
    const Statement statement(text);
    const auto rows = session.query(statement, {});
    EXPECT_TRUE(rows) << text << rows.error().internal;
    EXPECT_EQ((*rows)->next(), true);
    return (*rows)->integer(0);
  }

  SystemClock clock_;
  PrivateCluster& cluster_ = PrivateCluster::instance();
  const std::string name_ = cluster_.new_database();
  std::unique_ptr<storage::Database> owner_;
  std::unique_ptr<storage::Database> app_;
};

TEST_F(Isolation, WithoutACompanyThereAreNoRows) {
  const auto session = app_->open_reader().value();
  const auto whole = owner_->open_reader().value();
  for (const char* table : kTables) {
    EXPECT_EQ(count(*session, fmt::format("SELECT count(*) FROM {}", table)), 0) << table;
    EXPECT_GT(count(*whole, fmt::format("SELECT count(*) FROM {}", table)), 0) << table;
  }
}

// Even a statement that forgot its condition sees the rows of one company.
TEST_F(Isolation, WithACompanyThereAreItsRowsAlone) {
  const auto session = app_->open_reader().value();
  const auto whole = owner_->open_reader().value();
  std::int64_t seen = 0;
  for (const char* company : {"4821", "77", "900", "nobody"}) {
    session->set_tenant(company);
    EXPECT_EQ(count(*session, fmt::format("SELECT count(*) FROM program_progress WHERE company_id "
                                          "<> '{}'",
                                          company)),
              0);
    seen += count(*session, "SELECT count(*) FROM program_progress");
  }
  EXPECT_EQ(seen, count(*whole, "SELECT count(*) FROM program_progress"));
}

// The setting ends with its transaction: what a connection did before opens nothing.
TEST_F(Isolation, ACompanyIsForgottenWithItsRequest) {
  const auto session = app_->open_reader().value();
  session->set_tenant("4821");
  ASSERT_TRUE(session->begin_snapshot());
  EXPECT_GT(count(*session, "SELECT count(*) FROM program_progress"), 0);
  session->end_snapshot();
  session->set_tenant({});
  EXPECT_EQ(count(*session, "SELECT count(*) FROM program_progress"), 0);
}

TEST_F(Isolation, TheServersRoleOwnsNothingAndCannotStepOverTheFence) {
  const auto session = app_->open_access_session().value();
  EXPECT_EQ(count(*session,
                  "SELECT count(*) FROM pg_class WHERE pg_has_role(current_user, "
                  "relowner, 'USAGE')"),
            0);
  EXPECT_EQ(count(*session,
                  "SELECT count(*) FROM pg_roles WHERE rolname = current_user AND "
                  "(rolsuper OR rolbypassrls)"),
            0);
  EXPECT_FALSE(
      session->execute(Statement("ALTER TABLE program_progress DISABLE ROW LEVEL SECURITY"), {}));
  EXPECT_FALSE(session->execute(Statement("DROP POLICY one_company ON program_progress"), {}));
  EXPECT_EQ(session->execute(Statement("DELETE FROM program_progress"), {}), 0);
  EXPECT_FALSE(session->execute(Statement("UPDATE schema_migrations SET name = ''"), {}));
  EXPECT_FALSE(session->execute(
      Statement("INSERT INTO contracts(company_id, id, name) VALUES ('77', 'x', 'x')"), {}));
}

// Every table with a company's rows is held to it; a new one cannot be forgotten.
TEST_F(Isolation, EveryTableWithACompanyOfRecordsIsFenced) {
  const auto session = owner_->open_reader().value();
  EXPECT_EQ(count(*session,
                  "SELECT count(*) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
                  "WHERE c.relkind IN ('r', 'p') AND a.attname = 'company_id' "
                  "AND c.relnamespace = 'public'::regnamespace "
                  "AND c.relname NOT IN ('user_roles', 'credential_companies', 'audit_companies', "
                  "'company_use_days', 'company_endpoint_days') "
                  "AND NOT (c.relrowsecurity AND c.relforcerowsecurity)"),
            0);
}

TEST_F(Isolation, ServersAddToTheTrailAndNeitherChangeNorDeleteIt) {
  const auto session = app_->open_access_session().value();
  for (const char* text :
       {"DELETE FROM audit_log", "UPDATE audit_log SET detail = ''", "TRUNCATE audit_log",
        "DELETE FROM audit_companies", "UPDATE audit_companies SET company_id = ''"}) {
    EXPECT_FALSE(app_->write([&](Session& writer) -> Result<void> {
      MATRICULA_CHECK(writer.execute(Statement(text), {}));
      return {};
    })) << text;
  }
  EXPECT_TRUE(app_->write([&](Session& writer) {
    return auth::write_audit(writer, {.at = 1,
                                      .actor_kind = "operator",
                                      .actor_id = {},
                                      .address = "local",
                                      .action = "test",
                                      .target = {},
                                      .detail = {}});
  }));
  EXPECT_EQ(count(*session, "SELECT count(*) FROM audit_log WHERE action = 'test'"), 1);
}

TEST_F(Isolation, WorkOnTheWholeStoreIsTheOwners) {
  const storage::TempDirectory directory;
  const auto exported = exchange::export_records(*app_, directory.file("out"), {});
  ASSERT_FALSE(exported);
  EXPECT_EQ(exported.error().code, ErrorCode::kUsage);
  const std::string data = "tests/cases/data";
  EXPECT_FALSE(exchange::import_paths(*app_, std::span(&data, 1), {}, clock_));
  EXPECT_TRUE(exchange::export_records(*owner_, directory.file("out"), {}));
}

}  // namespace
}  // namespace matricula::nodes
