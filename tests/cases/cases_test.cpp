#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include "tests/cases/case_file.h"
#include "tests/cases/world.h"

namespace matricula::cases {
namespace {

namespace fs = std::filesystem;

// Tests run in the root of the sources.
std::vector<std::string> case_files() {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator("domains")) {
    if (entry.path().extension() == ".case") {
      files.push_back(entry.path().string());
    }
  }
  std::ranges::sort(files);
  return files;
}

// Those of lists that are kept in memory.
std::vector<std::string> case_files_in_memory() {
  std::vector<std::string> files = case_files();
  std::erase_if(
      files, [](const std::string& file) { return file.find("_progress") == std::string::npos; });
  return files;
}

// The last says whether lists are kept in memory: a query's second answer then comes from there.
class CaseFile : public testing::TestWithParam<std::tuple<Engine, std::string, bool>> {};

constexpr std::uint64_t kMemoryBytes = std::uint64_t{64} * 1024 * 1024;

// What changes nothing twice: what is answered from a cached plan must not differ from the first
// answer.
int rounds_of(const Case& each) {
  return each.document.starts_with("mutation") ? 1 : 2;
}

TEST_P(CaseFile, AnswersExactlyAsWritten) {
  pipeline::PipelineOptions options;
  options.rate_limit = 0;
  const auto& [engine, file, in_memory] = GetParam();
  options.read_model_bytes = in_memory ? kMemoryBytes : 0;
  World world("tests/cases/data", options, engine);
  std::vector<Case> cases = read_case_file(file);
  bool changed = false;
  for (Case& each : cases) {
    for (int round = 0; round < rounds_of(each); ++round) {
      const Answer answer = world.run(each);
      if (in_memory) {
        world.pipeline().read_model()->wait_until_idle();
      }
      const std::string expected = filled_in(squeeze(each.body), world.kept());
      const bool same = answer.status == each.status && expected == answer.body;
      if (!same && std::getenv("MATRICULA_UPDATE_CASES") != nullptr) {
        each.status = answer.status;
        each.body = with_names(answer.body, world.kept());
        changed = true;
        continue;
      }
      EXPECT_EQ(answer.status, each.status) << each.title;
      EXPECT_EQ(answer.body, expected) << each.title;
    }
  }
  if (in_memory) {
    EXPECT_GT(world.pipeline().read_model()->stats().hits, 0U);
  }
  if (changed) {
    std::ofstream(file) << case_file_text(cases);
  }
}

std::string test_name(const testing::TestParamInfo<CaseFile::ParamType>& each) {
  const Engine engine = std::get<0>(each.param);
  std::string name =
      (engine == Engine::kSqlite ? "sqlite_" : "postgres_") + std::get<1>(each.param);
  std::ranges::replace_if(
      name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Domains, CaseFile,
                         testing::Combine(testing::Values(Engine::kSqlite, Engine::kPostgres),
                                          testing::ValuesIn(case_files()), testing::Values(false)),
                         test_name);

INSTANTIATE_TEST_SUITE_P(DomainsInMemory, CaseFile,
                         testing::Combine(testing::Values(Engine::kSqlite, Engine::kPostgres),
                                          testing::ValuesIn(case_files_in_memory()),
                                          testing::Values(true)),
                         test_name);

}  // namespace
}  // namespace matricula::cases
