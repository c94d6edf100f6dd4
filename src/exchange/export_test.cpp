#include "exchange/export.h"

#include <filesystem>
#include <gtest/gtest.h>

#include "exchange/testing.h"
#include "records/entities.h"

namespace matricula::exchange {
namespace {

class ExportTest : public testing::Test {
 protected:
  void SetUp() override {
    store_.write_sample();
    const auto report = store_.import({store_.in("")});
    ASSERT_TRUE(report.has_value()) << report.error().message;
    ASSERT_EQ(report->rejected(), 0u) << report->files.back().reasons.front();
  }

  std::string exported(const std::string& name) {
    return read_file(out_.file("out/" + name + ".ndjson"));
  }

  std::string export_error(const ExportOptions& options = {}) {
    const auto files = export_records(store_.database(), out_.file("out"), options);
    return files ? "" : files.error().message;
  }

  ExchangeStore store_;
  storage::TempDirectory out_;
};

TEST_F(ExportTest, WritesWhatImportRead) {
  ASSERT_EQ(export_error(), "");
  for (const auto& [name, text] : sample_files()) {
    EXPECT_EQ(exported(name), text);
  }
}

TEST_F(ExportTest, ARoundTripThroughAnotherStoreGivesTheSameBytes) {
  ASSERT_EQ(export_error(), "");
  ExchangeStore other;
  ASSERT_EQ(other.import({out_.file("out")})->rejected(), 0u);
  ASSERT_TRUE(export_records(other.database(), out_.file("again")).has_value());
  for (const auto& [name, text] : sample_files()) {
    EXPECT_EQ(read_file(out_.file("again/" + name + ".ndjson")), text);
  }
}

TEST_F(ExportTest, AnEmptyStoreGivesEmptyFilesThatImportTakes) {
  ExchangeStore empty;
  const auto files = export_records(empty.database(), out_.file("out"));
  ASSERT_TRUE(files.has_value());
  EXPECT_EQ(files->size(), records::kEntityCount);
  EXPECT_EQ(exported("users"), "");
  EXPECT_TRUE(empty.import({out_.file("out")}).has_value());
}

TEST_F(ExportTest, OneCompanyBringsOnlyWhatItsRecordsReferTo) {
  ASSERT_EQ(export_error({.company = "bolt"}), "");
  EXPECT_EQ(exported("companies"),
            "{\"id\":\"bolt\",\"slug\":\"bolt-inc\",\"name\":\"Bolt "
            "\\\"Inc\\\"\"}\n");
  EXPECT_EQ(exported("contracts"), "{\"id\":\"b1\",\"companyId\":\"bolt\",\"name\":\"Only\"}\n");
  EXPECT_EQ(exported("users"), sample_files()["users"].substr(0, exported("users").size()));
  EXPECT_NE(exported("users"), "");
  EXPECT_EQ(exported("users").find("grace"), std::string::npos);
  for (const std::string name : {"programs", "contract_programs", "assessments",
                                 "contract_assessments", "assessment_progress"}) {
    EXPECT_EQ(exported(name), "") << name;
  }
  ExchangeStore other;
  const auto report = other.import({out_.file("out")});
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->rejected(), 0u);
}

TEST_F(ExportTest, AnUnknownCompanyIsNamedAndNothingIsMade) {
  EXPECT_EQ(export_error({.company = "cobalt"}), "There is no company \"cobalt\" in the store.");
  EXPECT_FALSE(std::filesystem::exists(out_.file("out")));
}

TEST_F(ExportTest, NeverReplacesAFile) {
  std::filesystem::create_directory(out_.file("out"));
  write_file(out_.file("out/users.ndjson.gz"), "mine");
  EXPECT_EQ(export_error(), out_.file("out") +
                                "/users.ndjson.gz exists already. Export into another directory, "
                                "or remove it.");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(out_.file("out")), {}), 1);
}

TEST_F(ExportTest, ADirectoryThatCannotBeMadeIsNamed) {
  write_file(out_.file("out"), "");
  EXPECT_EQ(export_error(),
            "The directory " + out_.file("out") + " cannot be made: Not a directory.");
}

TEST_F(ExportTest, LeavesNoTemporaryFiles) {
  ASSERT_EQ(export_error(), "");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(out_.file("out")), {}),
            static_cast<std::ptrdiff_t>(records::kEntityCount));
}

}  // namespace
}  // namespace matricula::exchange
