// What is forgotten of a company's changes, on either engine.
#include <ctime>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "exchange/testing.h"
#include "records/change_reader.h"
#include "records/change_upkeep.h"
#include "storage/postgres/testing_cluster.h"

namespace matricula::exchange {
namespace {

constexpr std::int64_t kMinute = 60'000'000;
// A change a minute for three months: numbers from 1001 on.
constexpr std::string_view kTimes =
    "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < "
    "130000) INSERT INTO change_times(company_id, up_to, changed_at) SELECT 'acme', 1000 + i, i * "
    "60000000 FROM n";
// Every 52nd of them a deletion.
constexpr std::string_view kDeletions =
    "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < "
    "2500) INSERT INTO tombstones(company_id, entity, key, part, last_part, change_seq, "
    "changed_at) SELECT 'acme', 3, 'k' || i, '', '', 1000 + i * 52, i * 52 * 60000000 FROM n";

double processor_seconds() {
  std::timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

class SweepTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const std::string url =
        storage::postgres::PrivateCluster::new_store(GetParam(), directory_.file("store.db"));
    database_ = storage::open_database(url, {.migrations = migrations::all()}, clock_).value();
  }

  // A second after the import before.
  void import(const std::string& name, std::string_view text) {
    clock_.set_calendar(clock_.now() + 1'000'000);
    write_file(directory_.file(name + ".ndjson"), text);
    const std::vector<std::string> paths = {directory_.file(name + ".ndjson")};
    ASSERT_EQ(import_paths(*database_, paths, {}, clock_).value().rejected(), 0u) << name;
  }
  void import_three_months() {
    import("companies", R"({"id":"acme","slug":"acme","name":"n"})");
    for (const std::string_view sql :
         {std::string_view("DELETE FROM change_times"), kTimes, kDeletions,
          std::string_view("UPDATE company_sequences SET last_seq = 131000")}) {
      const auto written = database_->write([&](storage::Session& session) -> Result<void> {
        MATRICULA_CHECK(session.execute(storage::Statement(std::string(sql)), {}));
        return {};
      });
      ASSERT_TRUE(written) << written.error().internal;
    }
  }

  std::int64_t count(const std::string& table) {
    const storage::Statement statement("SELECT count(*) FROM " + table);
    const auto session = database_->open_reader().value();
    const auto rows = session->query(statement, {}).value();
    EXPECT_TRUE(rows->next().value());
    return rows->integer(0);
  }
  std::int64_t oldest() {
    return records::read_sequence(*database_->open_reader().value(), "acme").value()->oldest;
  }

  // "NUMBER TIME TABLE" of each row of acme, and when each table changed last.
  std::string times() {
    const auto session = database_->open_reader().value();
    std::vector<records::EntityId> all;
    std::string out;
    for (const records::Entity& each : records::entities()) {
      all.push_back(each.id);
      const std::int64_t last = records::read_table_sequence(*session, "acme", each.id).value();
      out += fmt::format("{} {}\n", each.name,
                         records::read_change_time(*session, "acme", last).value().value_or(0));
    }
    records::ChangeReader changes(*session, {.company = "acme", .tables = all});
    while (changes.next().value()) {
      out += fmt::format("{} {} {}\n", changes.change().sequence, changes.change().changed_at,
                         changes.change().entity->name);
    }
    return out;
  }

  ManualClock clock_;
  storage::TempDirectory directory_;
  std::unique_ptr<storage::Database> database_;
};

TEST_P(SweepTest, LooksAtEachTimeAndDeletionOnce) {
  import_three_months();
  const storage::Patience patience{clock_};
  const double before = processor_seconds();
  const auto swept =
      records::sweep_tombstones(*database_, {.before = 100'000 * kMinute, .patience = patience});
  ASSERT_TRUE(swept) << swept.error().internal;
  EXPECT_LT(processor_seconds() - before, 5);
  EXPECT_EQ(oldest(), 1'000 + 1'923 * 52);
  EXPECT_EQ(count("tombstones"), 2'500 - 1'923);
  // The first one is that of the company's own row.
  EXPECT_EQ(count("change_times"), 1 + 130'000 - 99'996);
}

TEST_P(SweepTest, EndsBetweenTwoTransactions) {
  import_three_months();
  std::stop_source ending;
  ending.request_stop();
  const storage::Patience patience{clock_, ending.get_token()};
  ASSERT_TRUE(
      records::sweep_tombstones(*database_, {.before = 100'000 * kMinute, .patience = patience}));
  EXPECT_EQ(count("tombstones"), 2'500);
  EXPECT_EQ(oldest(), 0);
}

TEST_P(SweepTest, NumbersThatAreLeftKeepTheirTimes) {
  const auto files = sample_files();
  for (const records::Entity& each : records::entities()) {
    import(std::string(each.name), files.at(std::string(each.name)));
  }
  const std::string contract = R"({"id":"a2","companyId":"acme","name":"Second"})";
  import("contracts", contract);
  import("companies", R"({"id":"acme","slug":"acme","name":"Renamed"})");
  import("companies", R"({"id":"acme","slug":"acme","name":"Again"})");
  import("contracts", R"({"_delete":true,"id":"a2"})");
  const std::string before = times();
  const std::string all = "change_times WHERE company_id = 'acme'";
  const std::int64_t count_before = count(all);
  const storage::Patience patience{clock_};
  const auto swept =
      records::sweep_tombstones(*database_, {.before = clock_.now() + 1, .patience = patience});
  ASSERT_TRUE(swept) << swept.error().internal;
  EXPECT_EQ(times(), before);
  // The first import of companies, a2 and the first new name have no row any more.
  EXPECT_EQ(count(all), count_before - 3);
}

INSTANTIATE_TEST_SUITE_P(Stores, SweepTest, testing::Values("sqlite", "postgres"),
                         [](const auto& store) { return store.param; });

}  // namespace
}  // namespace matricula::exchange
