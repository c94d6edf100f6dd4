#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "base/escape.h"
#include "tests/cases/world.h"

namespace matricula::cases {
namespace {

class ControlText : public testing::TestWithParam<Engine> {};

// Gives contracts the ids that older versions took from files.
void rename_contracts(storage::Database& database, const std::vector<std::string>& ids) {
  // The old one stays, without programs: row-level security finds theirs by their contract.
  static const storage::Statement kContract(
      "INSERT INTO contracts(id, company_id, name) SELECT ?2, company_id, name FROM contracts "
      "WHERE id = ?1");
  static const storage::Statement kProgram(
      "UPDATE contract_programs SET contract_id = ?2 WHERE contract_id = ?1");
  ASSERT_TRUE(database.write([&](storage::Session& session) -> Result<void> {
    session.set_tenant("1");
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const std::string now = fmt::format("c{}", i);
      const storage::Bind binds[] = {now, ids[i]};
      for (const storage::Statement* const rename : {&kContract, &kProgram}) {
        MATRICULA_TRY(const std::int64_t count, session.execute(*rename, binds));
        EXPECT_EQ(count, 1);
      }
    }
    return {};
  }));
}

// PostgreSQL keeps U+0000 to U+0003 in a code, also where the store itself makes JSON of texts. No
// store has U+0000.
TEST_P(ControlText, OfLaunchLinksComesBackAsItWasImported) {
  std::mt19937 random(2);
  const std::string_view parts[] = {"\1", "\2", "\3", "\4", "\\", "u000", "1", "2", "x"};
  const auto text = [&](std::size_t length) {
    std::string made;
    for (; length > 0; --length) {
      made += parts[random() % std::size(parts)];
    }
    return made;
  };
  const storage::TempDirectory directory;
  const auto file = [&directory](const std::string& name) {
    return std::ofstream(directory.file(name + ".ndjson"));
  };
  file("companies") << R"({"id":"1","slug":"one","name":"One"})" << '\n';
  file("programs")
      << R"({"key":"p","locale":"en-us","version":1,"type":"COURSE","title":"P","summary":"","syllabusUrl":"https://x.example","imageUrl":"https://x.example","redirectUrl":"https://x.example","duration":"P1D","modifiedDate":"2025-01-01T00:00:00Z","skillNames":[]})"
      << '\n';
  std::map<std::string, std::string> links;  // in the order of answers, too
  while (links.size() < 100) {
    const std::string contract = text(1 + random() % 5);
    links.emplace(contract, fmt::format("https://x.example/\\u0001{}", links.size()));
  }
  std::vector<std::string> ids;
  {
    auto contracts = file("contracts");
    auto programs = file("contract_programs");
    for (const auto& [contract, url] : links) {
      contracts << fmt::format(R"({{"id":"c{}","companyId":"1","name":"C"}})", ids.size()) << '\n';
      programs << fmt::format(R"({{"contractId":"c{}","programKey":"p","launchUrl":{}}})",
                              ids.size(), json_string(url))
               << '\n';
      ids.push_back(contract);
    }
  }
  World world(directory.path(), {.rate_limit = 0}, GetParam());
  rename_contracts(world.database(), ids);
  const auto ask = [&world](const std::string& argument) {
    return world
        .run({.method = "POST",
              .endpoint = "catalog",
              .words = {{"token", "1"}},
              .document = fmt::format("{{ catalog{} {{ programs {{ ssoLaunchLinksByContract {{ "
                                      "contractId launchUrl }} }} }} }}",
                                      argument)})
        .body;
  };
  const auto answer = [](const std::string& shown) {
    return R"({"data":{"catalog":{"programs":[{"ssoLaunchLinksByContract":[)" + shown + "]}]}}}";
  };
  std::string all;
  for (const auto& [contract, url] : links) {
    const std::string one = fmt::format(R"({{"contractId":{},"launchUrl":{}}})",
                                        json_string(contract), json_string(url));
    all += (all.empty() ? "" : ",") + one;
    ASSERT_EQ(ask(fmt::format("(contractId: {})", json_string(contract))), answer(one));
  }
  EXPECT_EQ(ask(""), answer(all));
}

// A line feed parts what a search looks in, and may be in a name as well.
TEST_P(ControlText, ASearchFindsALineFeedInANameAndNoneBetweenTwoParts) {
  const storage::TempDirectory directory;
  const auto file = [&directory](const std::string& name) {
    return std::ofstream(directory.file(name + ".ndjson"));
  };
  file("companies") << R"({"id":"1","slug":"one","name":"One"})" << '\n';
  file("users")
      << R"({"id":"00000000-0000-4000-8000-000000000001","email":"a@x.example","firstName":"Ann\nMarie","lastName":"L\u0004\u0005ee"})"
      << '\n';
  file("program_progress")
      << R"({"companyId":"1","userId":"00000000-0000-4000-8000-000000000001","programKey":"p","programVersion":"1","programType":"COURSE","enrollmentStatus":"ENROLLED","enrolledAt":"2025-01-01T00:00:00Z","learnerHours":1,"completionPercentage":1,"projectsRequiredTotal":1,"projectsRequiredCompleted":0,"onTrackStatus":"ON_TRACK","updatedAt":"2025-01-01T00:00:00Z"})"
      << '\n';
  World world(directory.path(), {.rate_limit = 0}, GetParam());
  const auto found = [&world](const std::string& needle) {
    return world
        .run({.method = "POST",
              .endpoint = "program-progress",
              .words = {{"token", "1"}},
              .document = fmt::format(
                  "{{ programProgress(input: {{query: {}}}) {{ totalCount edges {{ node {{ "
                  "programKey }} }} }} }}",
                  json_string(needle))})
        .body;
  };
  const std::string one =
      R"({"data":{"programProgress":{"totalCount":1,"edges":[{"node":{"programKey":"p"}}]}}})";
  const std::string none = R"({"data":{"programProgress":{"totalCount":0,"edges":[]}}})";
  for (const char* needle :
       {"ann\nmarie", "\n", "N\nM", "marie l", "\4\5", "\4", "\5e", "a", "@X"}) {
    EXPECT_EQ(found(needle), one) << needle;
  }
  for (const char* needle : {"example\nann", "marie\nl", "\nann", "\5\4", "\6", "\n\n", "ee\n"}) {
    EXPECT_EQ(found(needle), none) << needle;
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, ControlText, testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& each) {
                           return each.param == Engine::kSqlite ? "sqlite" : "postgres";
                         });

}  // namespace
}  // namespace matricula::cases
