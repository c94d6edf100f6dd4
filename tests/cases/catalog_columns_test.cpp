// Catalogs that are put together from columns in memory, against those of the tables: the same
// bytes, while the store is written to.
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <random>

#include "tests/cases/read_model_world.h"
#include "tests/cases/world.h"

namespace matricula::cases {
namespace {

constexpr int kWrites = 120;

// Selections, of which some share columns and some do not; the first one has every field.
const std::vector<std::string> kDocuments = {
    "{ catalog { companyId programs { key version locale type title summary syllabusUrl imageUrl"
    " redirectUrl duration modifiedDate ssoLaunchLinksByContract { contractId launchUrl } "
    "skillNames"
    " difficultyLevel supportedLanguages translations { language title summary version major minor"
    " patch } } assessments { id title category passingScore isTimed timeLimit"
    " totalQuestionsInAssessment } learningPlans { id title key slug steps { stepId stepType label"
    " isRequired resourceKey steps { stepId label } } } } }",
    "{ catalog { learningPlans { slug id steps { label } } programs { title key } } }",
    "{ catalog { programs { a: title b: title ssoLaunchLinksByContract { url: launchUrl } } } }",
    "{ catalog { programs { ssoLaunchLinksByContract { __typename launchUrl } __typename } } }",
    "{ catalog { programs { __typename } assessments { __typename id } } }",
    "{ catalog { programs { key ... @include(if: false) { title } skillNames @skip(if: true) } } }",
    "{ catalog(contractId: \"c1\") { programs { key title ssoLaunchLinksByContract { contractId"
    " launchUrl } } assessments { id title } learningPlans { id title } } }",
    "{ catalog(contractId: \"c2\") { programs { key ssoLaunchLinksByContract { launchUrl } }"
    " learningPlans { id } } }",
    "{ a: catalog { programs { key } } b: catalog { programs { title } } }",
};

class CatalogColumnsTest : public testing::TestWithParam<Engine> {
 protected:
  explicit CatalogColumnsTest(std::uint64_t bytes = kReadModelBytes) {
    write_file("companies", {R"({"id":"1","slug":"one","name":"One"})",
                             R"({"id":"2","slug":"two","name":"Two"})"});
    write_file("contracts", {contract(1), contract(2), contract(3)});
    std::vector<std::string> programs;
    std::vector<std::string> assessments;
    for (std::size_t n = 0; n < 6; ++n) {
      programs.push_back(program(n, "en-us"));
      assessments.push_back(assessment(n));
    }
    write_file("programs", programs);
    write_file("assessments", assessments);
    write_file("contract_programs",
               {cover(1, 0), cover(1, 1), cover(2, 1), cover(3, 1), cover(3, 2)});
    write_file("contract_assessments", {R"({"contractId":"c1","assessmentId":"a0"})",
                                        R"({"contractId":"c3","assessmentId":"a1"})"});
    write_file("learning_plans", {plan(0), plan(1)});
    pipeline::PipelineOptions options = options_in_memory(1);
    options.read_model_bytes = bytes;
    world_ = std::make_unique<World>(directory_.path(), options, GetParam());
  }

  std::size_t pick(std::size_t bound) { return random_() % bound; }
  std::string text() { return fmt::format(R"(T {} \"é\"\n)", pick(1'000)); }

  std::string contract(int number) {
    return fmt::format(R"({{"id":"c{}","companyId":"{}","name":"C {}"}})", number,
                       number == 3 ? 2 : 1, pick(99));
  }
  std::string program(std::size_t number, const std::string& locale) {
    return fmt::format(
        R"({{"key":"p{}","locale":"{}","version":{},"type":"COURSE","title":"{}","summary":"{}",)"
        R"("syllabusUrl":"https://x.example/{}","imageUrl":"","redirectUrl":"","duration":"P1D",)"
        R"("modifiedDate":"2025-01-01T00:00:00.{:03}Z","skillNames":["{}"]{}{}}})",
        number, locale, pick(9), text(), text(), pick(99), pick(1'000), text(),
        pick(2) == 0 ? "" : R"(,"difficultyLevel":"Beginner","supportedLanguages":["de","fr"])",
        pick(2) == 0
            ? ""
            : fmt::format(R"(,"translations":[{{"language":"de","title":"{}","major":2}}])",
                          text()));
  }
  std::string assessment(std::size_t number) {
    return fmt::format(
        R"({{"id":"a{}","title":"{}","category":"PRACTICE","isTimed":{},)"
        R"("totalQuestionsInAssessment":{}{}}})",
        number, text(), pick(2) == 0, pick(50),
        pick(2) == 0 ? "" : fmt::format(R"(,"passingScore":0.{},"timeLimit":"PT1H")", pick(99)));
  }
  std::string cover(int contract, std::size_t program) {
    return fmt::format(
        R"({{"contractId":"c{}","programKey":"p{}","launchUrl":"https://l.example/{}"}})", contract,
        program, pick(999));
  }
  std::string plan(std::size_t number) {
    return fmt::format(
        R"({{"id":"lp{}","companyId":"1","title":"{}","key":"k","slug":"s","steps":[{{"stepId":"1",)"
        R"("stepType":"GROUP","label":"{}","isRequired":true,"steps":[{{"stepId":"2",)"
        R"("stepType":"SURVEY","label":"x","isRequired":false}}]}}]{}}})",
        number, text(), text(), pick(2) == 0 ? "" : R"(,"contractId":"c2")");
  }

  void write_file(const std::string& entity, const std::vector<std::string>& lines) {
    std::ofstream out(directory_.file(entity + ".ndjson"));
    for (const std::string& line : lines) {
      out << line << '\n';
    }
  }
  void import_line(const std::string& entity, const std::string& line) {
    const std::string file = files_.file(entity + ".ndjson");
    std::ofstream(file, std::ios::trunc) << line << '\n';
    world_->import(std::span(&file, 1));
  }
  // Some write: what a catalog shows, what it covers, deletes, or something else.
  void write() {
    const int contract_number = 1 + static_cast<int>(pick(3));
    switch (pick(9)) {
      case 0:
      case 1:
        return import_line("programs", program(pick(4), pick(2) == 0 ? "en-us" : "de"));
      case 2:
        return import_line("contract_programs", cover(contract_number, pick(5)));
      case 3:
        return import_line(
            "contract_programs",
            fmt::format(R"({{"_delete":true,"contractId":"c{}","programKey":"p{}"}})",
                        contract_number, pick(5)));
      case 4:
        return import_line("assessments", assessment(pick(4)));
      case 5:
        return import_line(
            "contract_assessments",
            fmt::format(R"({{{}"contractId":"c{}","assessmentId":"a{}"}})",
                        pick(2) == 0 ? "" : R"("_delete":true,)", contract_number, pick(6)));
      case 6:
        return import_line("learning_plans",
                           pick(3) == 0
                               ? fmt::format(R"({{"_delete":true,"id":"lp{}"}})", 1 + pick(2))
                               : plan(pick(3)));
      case 7:
        return import_line("contracts", contract(contract_number));
      default:
        return import_line("companies", R"({"id":"2","slug":"two","name":"Another two"})");
    }
  }

  // Asks twice: what the first request read is there for the second.
  void compare(const std::string& company, const std::string& document) {
    const std::map<std::string, std::string> headers = {
        {"Content-Type", "application/json"},
        {"Authorization", "Token " + world_->token_for(company)}};
    const std::string body = body_of(document);
    const Answer expected = world_->send_to_tables("catalog", headers, body);
    for (int n = 0; n < 2; ++n) {
      const Answer answer = world_->send("POST", "catalog", headers, "", body);
      EXPECT_EQ(answer.status, expected.status);
      EXPECT_EQ(answer.body, expected.body) << company << " " << document;
    }
  }

  storage::TempDirectory directory_;
  storage::TempDirectory files_;
  std::mt19937 random_{20'261'129};
  std::unique_ptr<World> world_;
};

TEST_P(CatalogColumnsTest, EveryCatalogIsThatOfTheTables) {
  for (const std::string& document : kDocuments) {
    compare("1", document);
    compare("2", document);
  }
  EXPECT_GT(world_->pipeline().column_bytes(), 0U);
  for (int n = 0; n < kWrites && !HasFailure(); ++n) {
    write();
    compare("1", kDocuments.front());
    compare("2", kDocuments[pick(kDocuments.size())]);
    compare("1", kDocuments[pick(kDocuments.size())]);
  }
}

// With room for a list of 2 KiB: small ones fit, and those with many fields do not.
class SmallCatalogColumnsTest : public CatalogColumnsTest {
 protected:
  SmallCatalogColumnsTest() : CatalogColumnsTest(kBytes) {}
  static constexpr std::uint64_t kBytes = 64 * 1024;
};

TEST_P(SmallCatalogColumnsTest, WhatDoesNotFitIsReadFromTheTables) {
  for (int n = 0; n < kWrites / 4 && !HasFailure(); ++n) {
    for (const std::string& document : kDocuments) {
      compare("1", document);
      compare("2", document);
    }
    EXPECT_GT(world_->pipeline().column_bytes(), 0U);
    EXPECT_LE(world_->pipeline().column_bytes(), kBytes / 8);
    write();
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, SmallCatalogColumnsTest,
                         testing::Values(Engine::kSqlite, Engine::kPostgres), [](const auto& each) {
                           return each.param == Engine::kSqlite ? "sqlite" : "postgres";
                         });
INSTANTIATE_TEST_SUITE_P(Stores, CatalogColumnsTest,
                         testing::Values(Engine::kSqlite, Engine::kPostgres), [](const auto& each) {
                           return each.param == Engine::kSqlite ? "sqlite" : "postgres";
                         });

}  // namespace
}  // namespace matricula::cases
