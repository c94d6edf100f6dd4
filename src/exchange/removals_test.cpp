// A company or person that is deleted while another process gives access to them: PostgreSQL's
// writers of records do not wait for that.
#include "records/removals.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <thread>

#include "exchange/feed_import.h"
#include "exchange/testing.h"
#include "records/limits.h"
#include "storage/postgres/testing_cluster.h"

namespace matricula::exchange {
namespace {

using storage::Session;
using storage::Statement;
using storage::postgres::PrivateCluster;

class RemovalsTest : public testing::Test {
 protected:
  ~RemovalsTest() override {
    database_.reset();
    cluster_.drop_database(name_);
  }
  void SetUp() override {
    ASSERT_EQ(import("companies", R"({"id":"acme","slug":"acme","name":"Acme"})"), "kept");
    ASSERT_EQ(import("users", person("")), "kept");
  }

  static std::string person(std::string_view before) {
    return fmt::format(R"({{{}"id":"{}","email":"a@example.com","firstName":"A","lastName":"L"}})",
                       before, kAda);
  }
  // `meanwhile` is what another process commits when the records have been written.
  std::string import(const std::string& entity, const std::string& line,
                     const std::string& meanwhile = "") {
    const std::string path = directory_.file(entity + ".ndjson");
    write_file(path, line + "\n");
    const std::string paths[] = {path};
    const auto on_progress = [&](const ImportProgress& progress) {
      if (progress.is_done && !meanwhile.empty()) {
        std::thread([&] { give(meanwhile); }).join();
      }
    };
    const auto report = import_paths(*database_, paths, {.on_progress = on_progress}, clock_);
    if (!report) {
      return report.error().message;
    }
    return report->is_complete() ? "kept" : report->files.front().reasons.front();
  }
  void give(const std::string& sql) {
    EXPECT_TRUE(database_->write_access([&](Session& session) -> Result<void> {
      MATRICULA_CHECK(session.execute(Statement(sql), {}));
      return {};
    }));
  }
  std::string count(const std::string& table) {
    return cluster_.run("SELECT count(*) FROM " + table, name_);
  }

  ManualClock clock_;
  PrivateCluster& cluster_ = PrivateCluster::instance();
  const std::string name_ = cluster_.new_database();
  storage::TempDirectory directory_;
  std::unique_ptr<storage::Database> database_ =
      storage::open_database(cluster_.url(name_), {.migrations = migrations::all()}, clock_)
          .value();
};

const std::string kAdmin =
    "INSERT INTO user_roles VALUES (gen_random_uuid()::text::bytea, 'admin', 'acme')";
const std::string kPassword = fmt::format(
    "INSERT INTO user_passwords VALUES (decode(replace('{}', '-', ''), 'hex'), 'x', 0)", kAda);

TEST_F(RemovalsTest, ACompanyThatGotAnAdminMeanwhileIsNotDeleted) {
  const std::string deletion = R"({"_delete":true,"id":"acme"})";
  EXPECT_EQ(import("companies", deletion, kAdmin),
            directory_.file("companies.ndjson") +
                ": admins (`matricula user set-roles` ends that) came to refer to the company "
                "\"acme\" while it was being deleted. Nothing of this file was kept.");
  EXPECT_EQ(count("companies"), "1");
  // Next time it is seen at once.
  EXPECT_NE(import("companies", deletion).find("companies.ndjson:1: the company"),
            std::string::npos);
  cluster_.run("DELETE FROM user_roles", name_);
  EXPECT_EQ(import("companies", deletion), "kept");
}

TEST_F(RemovalsTest, APersonWhoGotAPasswordMeanwhileIsNotDeleted) {
  const std::string deletion = fmt::format(R"({{"_delete":true,"id":"{}"}})", kAda);
  EXPECT_EQ(import("users", deletion, kPassword),
            directory_.file("users.ndjson") +
                fmt::format(": passwords (`matricula user remove` ends them) came to refer to the "
                            "user {} while it was being deleted. Nothing of this file was kept.",
                            kAda));
  EXPECT_EQ(count("users"), "1");
}

TEST_F(RemovalsTest, WhatOthersGiveOthersKeepsNobody) {
  EXPECT_EQ(import("companies", R"({"_delete":true,"id":"acme"})", kPassword), "kept");
}

// The store's own trigger is the other process here.
TEST_F(RemovalsTest, AFeedIsAsCareful) {
  cluster_.run("CREATE FUNCTION give() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " + kAdmin +
                   "; RETURN NULL; END $$; CREATE TRIGGER give AFTER INSERT OR UPDATE ON imports "
                   "EXECUTE FUNCTION give()",
               name_);
  write_file(
      directory_.file("feed"),
      R"({"_table":"companies","_sequence":9,"_changedAt":"2025-01-01T00:00:00Z","_delete":true,"id":"acme"})"
      "\n");
  const auto report =
      import_changes(*database_, open_feed(directory_.file("feed")).value(), {}, clock_);
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().message.find("came to refer to the company \"acme\""), std::string::npos)
      << report.error().message;
  EXPECT_EQ(count("companies"), "1");
}

TEST(Removals, AsManyAsTheBoundAreNotedAndNotOneMore) {
  records::Removals removals;
  for (std::size_t i = 0; i < records::kRemovalsMax; ++i) {
    ASSERT_TRUE(
        removals.note(i % 2 == 0 ? records::EntityId::kUsers : records::EntityId::kCompanies, "x"));
  }
  EXPECT_TRUE(removals.note(records::EntityId::kContracts, "x"));
  EXPECT_EQ(removals.note(records::EntityId::kUsers, "x").error().message,
            "More than 1000000 companies and people are deleted at once: delete them by several "
            "files.");
}

}  // namespace
}  // namespace matricula::exchange
