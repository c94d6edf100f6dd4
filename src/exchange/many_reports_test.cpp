// What one write reports may be more than a ChangeLog keeps in memory. Every case is imported into
// four stores, SQLite and PostgreSQL, of which two keep so few reports that each file has more: all
// must end alike.
#include <array>
#include <fmt/format.h>
#include <functional>
#include <gtest/gtest.h>
#include <map>

#include "exchange/random_lines.h"
#include "exchange/testing_side.h"
#include "storage/postgres/testing_cluster.h"

namespace matricula::exchange {
namespace {

using storage::postgres::PrivateCluster;

constexpr std::size_t kReportsMax = 8;
constexpr int kMany = 12;

// `line` of each number below kMany.
std::string many(const std::function<std::string(int)>& line) {
  std::string text;
  for (int i = 0; i < kMany; ++i) {
    text += line(i) + "\n";
  }
  return text;
}

std::string learner_id(int number) {
  return fmt::format("00000000-0000-4000-8000-{:012}", number);
}

std::string user_line(int number, std::string_view address, std::string_view last_name) {
  return fmt::format(R"({{"id":"{}","email":"{}","firstName":"F","lastName":"{}"}})",
                     learner_id(number), address, last_name);
}

std::string program_line(std::string_view key, std::string_view title) {
  return fmt::format(
      R"({{"key":"{}","locale":"en-us","version":1,"type":"PART","title":"{}","summary":"","syllabusUrl":"","imageUrl":"","redirectUrl":"","duration":"P1D","modifiedDate":"2025-01-01T00:00:00Z","skillNames":[]}})",
      key, title);
}

std::string assessment_line(std::string_view id, std::string_view title) {
  return fmt::format(
      R"({{"id":"{}","title":"{}","category":"PRACTICE","isTimed":false,"totalQuestionsInAssessment":0}})",
      id, title);
}

std::string plan_line(std::string_view id, std::string_view company, std::string_view type,
                      std::string_view resource) {
  return fmt::format(
      R"({{"id":"{}","companyId":"{}","title":"","key":"","slug":"","steps":[{{"stepId":"s","stepType":"{}","label":"","isRequired":true,"resourceKey":"{}"}}]}})",
      id, company, type, resource);
}

std::string company_line(std::string_view id) {
  return fmt::format(R"({{"id":"{0}","slug":"{0}","name":"{0}"}})", id);
}

std::string contract_line(std::string_view id, std::string_view company) {
  return fmt::format(R"({{"id":"{}","companyId":"{}","name":"n"}})", id, company);
}

std::string covering_line(int number) {
  return fmt::format(R"({{"contractId":"k","programKey":"g{}","launchUrl":"/"}})", number);
}

std::string progress_line(int number, std::string_view program_key) {
  return fmt::format(
      R"({{"companyId":"acme","userId":"{}","programKey":"{}","programVersion":"1","programType":"PART","enrollmentStatus":"ENROLLED","enrolledAt":"2025-01-01T00:00:00Z","learnerHours":1,"completionPercentage":0,"projectsRequiredTotal":0,"projectsRequiredCompleted":0,"onTrackStatus":"ON_TRACK"}})",
      learner_id(number), program_key);
}

std::string attempt_line(int number, int user_number) {
  return fmt::format(
      R"({{"attemptId":"m{}","companyId":"acme","userId":"{}","assessmentId":"q1","assessmentStatus":"s","createdAt":"2025-01-01T00:00:00Z","updatedAt":"2025-01-01T00:00:00Z"}})",
      number, learner_id(user_number));
}

std::string deletion_line(std::string_view key) {
  return fmt::format(R"({{"_delete":true,{}}})", key);
}

class ManyReports : public testing::Test {
 protected:
  ManyReports() {
    for (const std::size_t reports_max : {kReportsMax, records::kChangesMax}) {
      sides_.push_back(std::make_unique<Side>(
          "sqlite:" + directory_.file(fmt::format("{}.db", reports_max)), reports_max));
      databases_.push_back(cluster_.new_database());
      sides_.push_back(std::make_unique<Side>(cluster_.url(databases_.back()), reports_max));
    }
    std::map<std::string, std::string> files = sample_files();
    files["contracts"] += contract_line("k", "acme") + "\n";
    files["users"] += many([](int i) { return user_line(i, fmt::format("u{}@x.org", i), "L"); });
    files["programs"] += many([](int i) { return program_line(fmt::format("g{}", i), "T"); });
    files["contract_programs"] += many(covering_line);
    files["program_progress"] += many([](int i) { return progress_line(i, "g1"); });
    std::vector<std::string> paths;
    for (const auto& [name, text] : files) {
      paths.push_back(directory_.file(name + ".ndjson"));
      write_file(paths.back(), text);
    }
    take(paths, false);
  }
  ~ManyReports() override {
    sides_.clear();
    for (const std::string& database : databases_) {
      cluster_.drop_database(database);
    }
  }

  // The changes of all companies, as Side::new_changes() gives them, but for their last numbers.
  std::string take(const std::string& name, const std::string& text, bool skip_invalid = false) {
    const std::string path = directory_.file(name + ".ndjson");
    write_file(path, text);
    const std::string all = take({path}, skip_invalid);
    std::string changes;
    for (std::size_t begin = 0; begin < all.size();) {
      const std::size_t end = all.find('\n', begin) + 1;
      const std::string line = all.substr(begin, end - begin);
      changes += line.find(" is at ") == std::string::npos ? line : "";
      begin = end;
    }
    return changes;
  }
  std::string take(const std::vector<std::string>& paths, bool skip_invalid) {
    std::array<std::string, 2> first;
    for (const auto& side : sides_) {
      const std::array<std::string, 2> found = {side->import(paths, skip_invalid),
                                                side->new_changes()};
      first = side == sides_.front() ? found : first;
      EXPECT_EQ(found, first) << read_file(paths.front());
    }
    return first[1];
  }
  void expect_sound() {
    const std::string first = sides_.front()->all_records();
    for (const auto& side : sides_) {
      EXPECT_EQ(side->all_records(), first);
      EXPECT_EQ(side->problems(), "");
    }
  }

  storage::TempDirectory directory_;
  PrivateCluster& cluster_ = PrivateCluster::instance();
  std::vector<std::string> databases_;
  std::vector<std::unique_ptr<Side>> sides_;
};

TEST_F(ManyReports, RowsThatAFileDeletesAndPutsBackHaveNoChange) {
  const auto key = [](int i) {
    return deletion_line(fmt::format(R"("contractId":"k","programKey":"g{}")", i));
  };
  EXPECT_EQ(take("contract_programs", many(key) + many(covering_line)), "");
  take("learning_plans", plan_line("n1", "bolt", "ASSESSMENT", "q2") + "\n" +
                             plan_line("n2", "bolt", "PROGRAM", "g5"));
  const auto others = [](std::string_view first, const auto& other, std::string_view last) {
    return std::string(first) + "\n" + many(other) + std::string(last);
  };
  const auto number = [](int i) { return fmt::format("r{}", i); };
  EXPECT_EQ(take("assessments", others(
                                    deletion_line(R"("id":"q2")"),
                                    [&](int i) { return assessment_line(number(i), "T"); },
                                    sample_files().at("assessments"))),
            "");
  EXPECT_EQ(take("programs", others(
                                 deletion_line(R"("key":"cd1","locale":"de")"),
                                 [&](int i) { return program_line(number(i), "T"); },
                                 sample_files().at("programs"))),
            "");
  const std::string plans =
      take("learning_plans", others(
                                 deletion_line(R"("id":"n1")"),
                                 [&](int i) { return plan_line(number(i), "acme", "GROUP", ""); },
                                 plan_line("n1", "bolt", "ASSESSMENT", "q2")));
  EXPECT_EQ(std::ranges::count(plans, '\n'), kMany) << plans;
  EXPECT_EQ(plans.find("bolt"), std::string::npos) << plans;
  expect_sound();
}

TEST_F(ManyReports, ACompanyThatAFileDeletesAndPutsBackKeepsItsSequence) {
  EXPECT_EQ(take("companies", company_line("cast")), "cast + companies cast  \n");
  EXPECT_EQ(take("contracts", contract_line("kc", "cast")), "cast + contracts kc  \n");
  take("contracts", deletion_line(R"("id":"kc")"));
  const std::string changes =
      take("companies", deletion_line(R"("id":"cast")") + "\n" + many([](int i) {
                          return company_line(fmt::format("n{}", i));
                        }) + company_line("cast"));
  EXPECT_EQ(std::ranges::count(changes, '\n'), kMany) << changes;
  EXPECT_EQ(changes.find("cast"), std::string::npos) << changes;
  expect_sound();
}

TEST_F(ManyReports, AValueThatIsChangedAndChangedBackMovesNoRow) {
  const auto changed = [](int i) { return user_line(i, fmt::format("u{}@x.org", i), "Changed"); };
  const std::string users = take("users", user_line(0, "other@x.org", "L") + "\n" + changed(0) +
                                              "\n" + many(changed) + user_line(0, "u0@x.org", "L"));
  EXPECT_EQ(users.find(learner_id(0)), std::string::npos) << users;
  EXPECT_EQ(std::ranges::count(users, '\n'), 2 * (kMany - 1)) << users;
  const auto renamed = [](int i) { return program_line(fmt::format("g{}", i), "Changed"); };
  const std::string programs =
      take("programs", program_line("g1", "Z") + "\n" + many(renamed) + program_line("g1", "T"));
  EXPECT_EQ(programs.find("g1 "), std::string::npos) << programs;
  EXPECT_EQ(programs.find("program_progress"), std::string::npos) << programs;
  expect_sound();
}

TEST_F(ManyReports, AContractThatMovesAwayAndBackStaysWithWhatItCovers) {
  const std::string changes =
      take("contracts", contract_line("k", "bolt") + "\n" + many([](int i) {
                          return contract_line(fmt::format("k{}", i), "bolt");
                        }) + contract_line("k", "acme"));
  EXPECT_EQ(changes.find("acme"), std::string::npos) << changes;
  EXPECT_EQ(std::ranges::count(changes, '\n'), kMany) << changes;
  expect_sound();
}

// On PostgreSQL, rows are reported before they are merged into their table.
TEST_F(ManyReports, AProgramThatOneOfManyRowsNamesComesToTheCompany) {
  take("programs", program_line("rare", "R") + "\n" + program_line("rare2", "R"));
  std::string text = progress_line(0, "rare2") + "\n";
  text += many([](int i) { return progress_line(i, "g2"); });
  text += many([](int i) { return progress_line(i, "g3"); }) + progress_line(3, "rare");
  const std::string changes = take("program_progress", text);
  EXPECT_NE(changes.find("acme + programs rare en-us"), std::string::npos) << changes;
  EXPECT_NE(changes.find("acme + programs rare2 en-us"), std::string::npos) << changes;
  expect_sound();
}

TEST_F(ManyReports, APersonWhoseAttemptsAllMoveLeavesTheCompany) {
  take("users", many([](int i) { return user_line(100 + i, fmt::format("v{}@x.org", i), "L"); }));
  take("assessment_progress", many([](int i) { return attempt_line(i, 100 + i); }));
  const std::string moved =
      take("assessment_progress", many([](int i) { return attempt_line(i, 0); }));
  EXPECT_EQ(std::ranges::count(moved, '-'), kMany * 5) << moved;  // with four in each UUID
  // New people who leave again, and people who had left, come and leave again.
  EXPECT_EQ(take("assessment_progress", many([](int i) { return attempt_line(i, 100 + i); }) +
                                            many([](int i) { return attempt_line(i, 0); })),
            "");
  expect_sound();
}

TEST_F(ManyReports, RandomFilesEndAlikeHoweverManyReportsAreKept) {
  RandomLines lines;
  for (int round = 0; round < 40; ++round) {
    const records::Entity& entity =
        records::entities()[1 + static_cast<std::size_t>(lines.pick(records::kEntityCount - 1))];
    std::string text;
    for (int i = 5 + lines.pick(60); i > 0; --i) {
      text += lines.line(std::string(entity.name)) + "\n";
    }
    take(std::string(entity.name), text, true);
    if (round % 10 == 9) {
      expect_sound();
    }
    ASSERT_FALSE(HasFailure()) << round;
  }
}

}  // namespace
}  // namespace matricula::exchange
