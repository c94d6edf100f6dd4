#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>

#include "exchange/export.h"
#include "exchange/testing.h"
#include "storage/postgres/testing_cluster.h"
#include "storage/sqlite/connection.h"
#include "storage/sqlite/prepared.h"
#include "tables/table.h"

// Export in other formats than the one that import reads, from stores of either kind.
namespace matricula::exchange {
namespace {

using records::EntityId;

class ExportFormatsTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const std::string url =
        storage::postgres::PrivateCluster::new_store(GetParam(), directory_.file("store.db"));
    database_ = storage::open_database(url, {.migrations = migrations::all()}, clock_).value();
    for (const auto& [name, text] : sample_files()) {
      std::filesystem::create_directories(directory_.file("in"));
      write_file(directory_.file("in/" + name + ".ndjson"), text);
    }
    const std::vector<std::string> paths = {directory_.file("in")};
    ASSERT_EQ(import_paths(*database_, paths, {}, clock_).value().rejected(), 0u);
  }

  std::string error_of(const ExportOptions& options) {
    const auto files = export_records(*database_, out("out"), options);
    return files ? "" : files.error().message;
  }
  std::string out(const std::string& name) const { return directory_.file(name); }
  std::string written(const std::string& name) const { return read_file(out("out/" + name)); }

  // What a query of the SQLite file gives, `|` between columns, a line each; null as "null".
  std::string query(unsigned columns, const std::string& sql) {
    namespace sqlite = storage::sqlite;
    const auto connection =
        sqlite::open_bare(out("out/matricula.sqlite"), SQLITE_OPEN_READONLY).value();
    const storage::Statement statement(sql);
    const auto rows = sqlite::Prepared::prepare(connection.get(), statement).value();
    EXPECT_TRUE(rows->start({}));
    std::string text;
    while (rows->next().value()) {
      for (unsigned i = 0; i < columns; ++i) {
        text += (i == 0 ? "" : "|");
        text += rows->is_null(i) ? "null" : rows->text(i);
      }
      text += "\n";
    }
    rows->finish();
    return text;
  }
  std::string query(const std::string& sql) { return query(1, sql); }

  std::vector<std::string> names(const std::string& directory) const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(out(directory))) {
      names.push_back(entry.path().filename().string());
    }
    std::ranges::sort(names);
    return names;
  }

  ManualClock clock_;
  storage::TempDirectory directory_;
  std::unique_ptr<storage::Database> database_;
};

TEST_P(ExportFormatsTest, CsvHasAFileForEachTable) {
  ASSERT_EQ(error_of({.format = ExportFormat::kCsv}), "");
  EXPECT_EQ(names("out").size(), records::kEntityCount);
  EXPECT_EQ(written("companies.csv"),
            "id,slug,name\r\nacme,acme,Acme\r\nbolt,bolt-inc,\"Bolt \"\"Inc\"\"\"\r\n");
  EXPECT_EQ(written("contracts.csv"),
            "id,companyId,name,startsAt,endsAt\r\na1,acme,First,2025-01-01T00:00:00Z,\r\n"
            "b1,bolt,Only,,\r\n");
}

TEST_P(ExportFormatsTest, ChosenTablesAloneAreWritten) {
  ASSERT_EQ(error_of({.format = ExportFormat::kCsv,
                      .tables = {EntityId::kUsers, EntityId::kCompanies, EntityId::kUsers}}),
            "");
  EXPECT_EQ(names("out"), (std::vector<std::string>{"companies.csv", "users.csv"}));
}

TEST_P(ExportFormatsTest, FlatProgressHasNamesAndTitles) {
  ASSERT_EQ(error_of({.is_flat = true, .company = "acme"}), "");
  const std::string progress = sample_files().at("program_progress");
  const std::string first = progress.substr(0, progress.find("}\n"));
  EXPECT_EQ(written("program_progress.ndjson"),
            first + R"(,"userEmail":"Ada@Example.com","userFirstName":"Ada",)"
                    R"("userLastName":"Lovelace","programTitle":"Stuff"})"
                    "\n");
  EXPECT_EQ(written("contracts.ndjson"),
            "{\"id\":\"a1\",\"companyId\":\"acme\",\"name\":\"First\",\"startsAt\":"
            "\"2025-01-01T00:00:00Z\"}\n");
}

TEST_P(ExportFormatsTest, ParquetSaysWhichStateOfACompanyItShows) {
  ASSERT_EQ(error_of({.format = ExportFormat::kParquet, .company = "acme"}), "");
  EXPECT_EQ(names("out").size(), records::kEntityCount);
  const std::string file = written("learning_plans.parquet");
  EXPECT_TRUE(file.starts_with("PAR1") && file.ends_with("PAR1"));
  EXPECT_NE(file.find("matricula.company"), std::string::npos);
  EXPECT_EQ(written("companies.parquet").find("bolt"), std::string::npos);
}

TEST_P(ExportFormatsTest, ParquetOfTheWholeStoreNamesNoCompany) {
  ASSERT_EQ(error_of({.format = ExportFormat::kParquet}), "");
  EXPECT_EQ(written("companies.parquet").find("matricula.company"), std::string::npos);
}

TEST_P(ExportFormatsTest, SqliteIsOneFileWithKeysAndForeignKeys) {
  ASSERT_EQ(error_of({.format = ExportFormat::kSqlite}), "");
  EXPECT_EQ(names("out"), std::vector<std::string>{"matricula.sqlite"});
  EXPECT_EQ(query("PRAGMA integrity_check"), "ok\n");
  EXPECT_EQ(query("PRAGMA foreign_key_check"), "");
  EXPECT_EQ(query("SELECT group_concat(name) FROM (SELECT name FROM pragma_table_info("
                  "'program_progress') WHERE pk > 0 ORDER BY pk)"),
            "companyId,userId,programKey\n");
  EXPECT_EQ(query("SELECT group_concat(\"from\" || ' ' || \"table\") FROM (SELECT * FROM "
                  "pragma_foreign_key_list('program_progress') ORDER BY 4)"),
            "companyId companies,learningPlanId learning_plans,userId users\n");
  EXPECT_EQ(query("SELECT count(*) FROM sqlite_master WHERE type = 'index' AND name = "
                  "'program_progress_updatedAt'"),
            "1\n");
}

TEST_P(ExportFormatsTest, SqliteHasTimesIdsAndJsonAsText) {
  ASSERT_EQ(error_of({.format = ExportFormat::kSqlite}), "");
  EXPECT_EQ(query(4, "SELECT id, \"isTimed\", \"passingScore\", \"timeLimit\" FROM assessments"),
            "q1|1|80.0|PT30M\nq2|0|null|null\n");
  EXPECT_EQ(query(4,
                  "SELECT \"userId\", \"enrolledAt\", \"graduatedAt\", \"learnerHours\" FROM "
                  "program_progress ORDER BY \"companyId\""),
            std::string(kAda) + "|2025-06-01T08:00:00Z|null|1.5\n" + std::string(kAda) +
                "|2025-06-01T08:00:00Z|2025-07-01T08:00:00Z|0.0\n");
  EXPECT_EQ(query("SELECT json_extract(steps, '$[0].stepId') FROM learning_plans ORDER BY id"),
            "s1\nnull\n");
}

TEST_P(ExportFormatsTest, SqliteViewsShowTheFlatForm) {
  ASSERT_EQ(error_of({.format = ExportFormat::kSqlite}), "");
  EXPECT_EQ(query(5,
                  "SELECT \"companyId\", \"userEmail\", \"userFirstName\", \"userLastName\", "
                  "\"programTitle\" FROM program_progress_flat ORDER BY 1"),
            "acme|Ada@Example.com|Ada|Lovelace|Stuff\nbolt|Ada@Example.com|Ada|Lovelace|null\n");
  EXPECT_EQ(query(3,
                  "SELECT \"attemptId\", \"userEmail\", \"assessmentTitle\" FROM "
                  "assessment_progress_flat ORDER BY 1"),
            "t1|null|Quiz\nt2|grace@example.com|Quiz\n");
  EXPECT_EQ(query(2, "SELECT \"userEmail\", \"planTitle\" FROM learning_plan_progress_flat"),
            "Ada@Example.com|Plan\n");
  for (const std::string table :
       {"program_progress", "assessment_progress", "learning_plan_progress"}) {
    std::string columns;
    const tables::Table flat(records::find_entity(table)->id, true);
    for (const tables::Column& column : flat.columns()) {
      columns += std::string(column.name) + "\n";
    }
    EXPECT_EQ(query("SELECT name FROM pragma_table_info('" + table + "_flat')"), columns);
  }
}

TEST_P(ExportFormatsTest, SqliteOfSomeTablesHasWhatCanStandAlone) {
  ASSERT_EQ(error_of({.format = ExportFormat::kSqlite,
                      .tables = {EntityId::kUsers, EntityId::kProgramProgress}}),
            "");
  EXPECT_EQ(query("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY 1"),
            "program_progress\nusers\n");
  EXPECT_EQ(query("SELECT \"table\" FROM pragma_foreign_key_list('program_progress')"), "users\n");
}

TEST_P(ExportFormatsTest, SqliteIsNoStore) {
  ASSERT_EQ(error_of({.format = ExportFormat::kSqlite}), "");
  EXPECT_FALSE(storage::open_database("sqlite:" + out("out/matricula.sqlite"), {}, clock_));
}

TEST_P(ExportFormatsTest, NoFormatReplacesAFile) {
  std::filesystem::create_directory(out("out"));
  write_file(out("out/users.csv"), "mine");
  write_file(out("out/matricula.sqlite"), "mine");
  EXPECT_EQ(error_of({.format = ExportFormat::kCsv}),
            out("out/users.csv") + " exists already. Export into another directory, or remove it.");
  EXPECT_EQ(error_of({.format = ExportFormat::kSqlite}),
            out("out/matricula.sqlite") +
                " exists already. Export into another directory, or remove it.");
  EXPECT_EQ(error_of({.format = ExportFormat::kCsv, .tables = {EntityId::kCompanies}}), "");
  EXPECT_EQ(names("out"),
            (std::vector<std::string>{"companies.csv", "matricula.sqlite", "users.csv"}));
}

INSTANTIATE_TEST_SUITE_P(Stores, ExportFormatsTest, testing::Values("sqlite", "postgres"),
                         [](const auto& instance) { return instance.param; });

TEST(ExportFormat, IsFoundByItsName) {
  EXPECT_EQ(find_export_format("sqlite"), ExportFormat::kSqlite);
  EXPECT_EQ(find_export_format("ndjson"), ExportFormat::kNdjson);
  EXPECT_EQ(find_export_format("xlsx"), std::nullopt);
}

}  // namespace
}  // namespace matricula::exchange
