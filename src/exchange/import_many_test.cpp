// Import into PostgreSQL puts many records at once. What that does is what SQLite does with one
// after the other: the same verdicts on the same lines, and the same records in the end.
#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "exchange/generate_random.h"
#include "exchange/limits.h"
#include "exchange/testing_side.h"
#include "records/change_sql.h"
#include "storage/postgres/testing_cluster.h"

namespace matricula::exchange {
namespace {

using storage::postgres::PrivateCluster;

class ImportMany : public testing::Test {
 protected:
  ImportMany() {
    for (const auto& [name, text] : sample_files()) {
      write_file(directory_.file(name + ".ndjson"), text);
    }
    import({directory_.path()}, false);
  }
  ~ImportMany() override {
    postgres_.reset();
    cluster_.drop_database(name_);
  }

  std::string import(const std::vector<std::string>& paths, bool skip_invalid) {
    std::string report = sqlite_.import(paths, skip_invalid);
    EXPECT_EQ(postgres_->import(paths, skip_invalid), report);
    EXPECT_EQ(postgres_->all_records(), sqlite_.all_records());
    EXPECT_EQ(postgres_->new_changes(), sqlite_.new_changes());
    EXPECT_EQ(postgres_->problems(), "");
    EXPECT_EQ(sqlite_.problems(), "");
    return report;
  }
  std::string import_text(const std::string& name, const std::string& text, bool skip_invalid) {
    write_file(directory_.file(name + ".ndjson"), text);
    return import({directory_.file(name + ".ndjson")}, skip_invalid);
  }

  PrivateCluster& cluster_ = PrivateCluster::instance();
  const std::string name_ = cluster_.new_database();
  storage::TempDirectory directory_;
  storage::TempDirectory sqlite_directory_;
  Side sqlite_{"sqlite:" + sqlite_directory_.file("store.db")};
  std::unique_ptr<Side> postgres_ = std::make_unique<Side>(cluster_.url(name_));
};

std::string user_id(std::uint64_t number) {
  return fmt::format("00000000-0000-4000-8000-{:012x}", number);
}

std::string plan_progress(std::uint64_t user) {
  return fmt::format(
      R"({{"companyId":"acme","planId":"p1","userId":"{}","subscriptionStatus":"ACTIVE",)"
      R"("requiredStepsTotal":2,"requiredStepsCompleted":1,"assessmentsComplete":0,)"
      R"("createdAt":"2025-06-01T08:00:00Z"}})"
      "\n",
      user_id(user));
}

// Lines of every kind from pools so small that keys, addresses and references meet often, and so
// large that many lines in a row can wait for each other.
class Lines {
 public:
  explicit Lines(std::uint64_t seed) : random_(seed) {}

  std::string users(std::size_t count) {
    return lines(count, [this](bool is_deletion) {
      const std::string id = user_id(random_.below(60));
      if (is_deletion) {
        return fmt::format(R"({{"_delete":true,"id":"{}"}})", id);
      }
      static const char* const kNames[] = {
          "Ada", "\xC3\x89mile", R"(\u0001\u0002\u0003)", R"(a\\N\tb\n)", "", "\xE6\x9D\x8E"};
      return fmt::format(
          R"({{"id":"{}","email":"{}{}@example.com","firstName":"{}","lastName":"{}"}})", id,
          random_.pick({"u", "U", "\xC3\x9C", "\xC3\xBC"}), random_.below(40), random_.pick(kNames),
          random_.pick(kNames));
    });
  }

  std::string program_progress(std::size_t count) {
    return lines(count, [this](bool is_deletion) {
      const std::string key = fmt::format(R"("companyId":"{}","userId":"{}","programKey":"{}")",
                                          random_.pick({"acme", "bolt", "acme", "bolt", "none"}),
                                          user_id(random_.below(62)),
                                          random_.pick({"cd1", "gone", R"(\u0001)", "cd1", "cd2"}));
      if (is_deletion) {
        return fmt::format(R"({{"_delete":true,{}}})", key);
      }
      return fmt::format(
          R"({{{},"programVersion":"1","programType":"COURSE","enrollmentStatus":"ENROLLED",)"
          R"("enrolledAt":"2025-06-01T08:00:00Z","learnerHours":{},"completionPercentage":12.25,)"
          R"("projectsRequiredTotal":2,"projectsRequiredCompleted":1,"onTrackStatus":"ON_TRACK"{}{}}})",
          key, random_.below(2),
          random_.pick({"", R"(,"learningPlanId":"p1")", R"(,"learningPlanId":"p9")"}),
          updated_at());
    });
  }

  std::string assessment_progress(std::size_t count) {
    return lines(count, [this](bool is_deletion) {
      const std::string key = fmt::format(R"("attemptId":"t{}")", random_.below(70));
      if (is_deletion) {
        return fmt::format(R"({{"_delete":true,{}}})", key);
      }
      return fmt::format(
          R"({{"companyId":"{}",{},"assessmentId":"{}","assessmentStatus":"completed"{}{},)"
          R"("createdAt":"2025-06-01T08:00:00Z"{}}})",
          random_.pick({"acme", "bolt"}), key, random_.pick({"q1", "q2", "q1", "q3"}),
          random_.pick({"", R"(,"assessmentResult":"passed")", R"(,"assessmentResult":"")"}),
          random_.pick({"", R"(,"userId":null)"}), updated_at());
    });
  }

  std::string learning_plan_progress(std::size_t count) {
    return lines(count, [this](bool is_deletion) {
      const std::string key = fmt::format(R"("planId":"{}","userId":"{}")",
                                          random_.pick({"p1", "p2"}), user_id(random_.below(62)));
      if (is_deletion) {
        return fmt::format(R"({{"_delete":true,{}}})", key);
      }
      return fmt::format(
          R"({{"companyId":"{}",{},"subscriptionStatus":"ACTIVE","requiredStepsTotal":2,)"
          R"("requiredStepsCompleted":{},"assessmentsComplete":0,)"
          R"("createdAt":"2025-06-01T08:00:00Z"{}}})",
          random_.pick({"acme", "bolt"}), key, random_.below(3), updated_at());
    });
  }

 private:
  template <typename MakeLine>
  std::string lines(std::size_t count, MakeLine make) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t kind = random_.below(40);
      text += kind == 0 ? R"({"nonsense":1})" : kind == 1 ? "" : make(kind < 4);
      text += "\n";
    }
    return text;
  }
  std::string updated_at() {
    return random_.pick(
        {"", R"(,"updatedAt":"2025-06-02T08:00:00Z")", R"(,"updatedAt":"2025-06-03T08:00:00Z")"});
  }

  Random random_;
};

TEST_F(ImportMany, LinesOfEveryKindHaveTheSameVerdictsAndLeaveTheSameRecords) {
  Lines lines(11);
  for (int round = 0; round < 3; ++round) {
    const bool skips = round != 1;
    import_text("users", lines.users(400), skips);
    import_text("program_progress", lines.program_progress(400), skips);
    import_text("assessment_progress", lines.assessment_progress(400), skips);
    import_text("learning_plan_progress", lines.learning_plan_progress(400), skips);
  }
}

TEST_F(ImportMany, MoreRecordsThanWaitAtOnceAndTheSameOnceMore) {
  std::string users;
  std::string progress;
  for (std::size_t i = 0; i < kBatchRecordsMax + 10; ++i) {
    users += fmt::format(R"({{"id":"{}","email":"e{}@example.com","firstName":"F","lastName":"L"}})"
                         "\n",
                         user_id(i), i);
    progress += plan_progress(i);
  }
  const std::size_t count = kBatchRecordsMax + 10;
  EXPECT_EQ(import_text("users", users, false),
            fmt::format("{0} records +{0} =0 -0 !0 true\n", count));
  EXPECT_EQ(import_text("users", users, false),
            fmt::format("{0} records +0 ={0} -0 !0 true\n", count));
  EXPECT_EQ(import_text("learning_plan_progress", progress, false),
            fmt::format("{0} records +{0} =0 -0 !0 true\n", count));
  EXPECT_EQ(import_text("learning_plan_progress", progress, false),
            fmt::format("{0} records +0 ={0} -0 !0 true\n", count));
  // Every second one is another: more gaps in the numbers than are filled at once.
  std::size_t line = 0;
  for (std::size_t at = 0; (at = progress.find("Completed\":1", at)) != std::string::npos; ++at) {
    progress[at + 11] = ++line % 2 == 0 ? '2' : '1';
  }
  EXPECT_EQ(import_text("learning_plan_progress", progress, false),
            fmt::format("{} records +{} ={} -0 !0 true\n", count, count / 2, count / 2));
}

TEST_F(ImportMany, CompaniesOfAPersonAreFoundByTheIndex) {
  std::string users;
  std::string progress;
  for (std::size_t i = 0; i < kBatchRecordsMax; ++i) {
    users += fmt::format(R"({{"id":"{}","email":"e{}@example.com","firstName":"","lastName":""}})"
                         "\n",
                         user_id(i), i);
    progress += plan_progress(i);
  }
  import_text("users", users, false);
  import_text("learning_plan_progress", progress, false);
  const auto session = postgres_->database().open_reader().value();
  const storage::Statement explain(
      "EXPLAIN " + records::change_statements(sql::Dialect::kPostgres).companies_of_user.text());
  const std::byte id[16] = {};
  const storage::Bind binds[] = {storage::Bytes(id)};
  const auto rows = session->query(explain, binds).value();
  std::string plan;
  while (rows->next().value()) {
    plan += std::string(rows->text(0)) + "\n";
  }
  EXPECT_EQ(plan.find("Seq Scan on company_users"), std::string::npos) << plan;
}

TEST_F(ImportMany, TheFirstReasonsAreToldInTheOrderOfTheirLines) {
  // Every second line is found bad when it is read, the others when they are put, which is later.
  std::string text;
  for (std::size_t i = 0; i < kReasonsMax; ++i) {
    text += fmt::format(
        R"({{"companyId":"acme","planId":"p1","userId":"{}","subscriptionStatus":"ACTIVE",)"
        R"("requiredStepsTotal":2,"requiredStepsCompleted":1,"assessmentsComplete":0,)"
        R"("createdAt":"2025-06-01T08:00:00Z"}})"
        "\nx\n",
        user_id(i));
  }
  const std::string report = import_text("learning_plan_progress", text, true);
  EXPECT_EQ(std::ranges::count(report, '\n'), kReasonsMax + 1);
  EXPECT_NE(report.find("ndjson:99: userId: there is no user"), std::string::npos);
  EXPECT_NE(report.find(":100: is not valid JSON"), std::string::npos);
  EXPECT_EQ(report.find(":101:"), std::string::npos);
}

TEST_F(ImportMany, AnAddressThatSomebodyGivesUpMayBeTakenInTheSameFile) {
  const auto user = [](std::uint64_t number, std::string_view email) {
    return fmt::format(R"({{"id":"{}","email":"{}@example.com","firstName":"F","lastName":"L"}})"
                       "\n",
                       user_id(number), email);
  };
  std::string some;
  for (std::uint64_t i = 0; i < 20; ++i) {
    some += user(100 + i, fmt::format("s{}", i));
  }
  import_text("users", user(1, "one") + user(2, "two") + some, false);
  EXPECT_EQ(import_text("users", user(3, "ONE") + user(1, "three") + user(4, "One") + some, true),
            "users.ndjson:1: email: \"ONE@example.com\" already belongs to another user\n"
            "23 records +2 =20 -0 !1 true\n");
}

}  // namespace
}  // namespace matricula::exchange
