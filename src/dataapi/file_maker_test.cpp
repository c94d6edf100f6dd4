#include "dataapi/file_maker.h"

#include <fmt/format.h>
#include <future>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

#include "dataapi/company_snapshot.h"
#include "exchange/testing.h"

namespace matricula::dataapi {
namespace {

using namespace std::chrono_literals;

// Without threads nothing is made: what is asked for stays as it is.
constexpr FileMakerOptions kNothingMade{.threads = 0};

class FileMakerTest : public testing::Test {
 protected:
  void SetUp() override {
    store_.write_sample();
    ASSERT_EQ(store_.import({store_.in("")})->rejected(), 0U);
  }
  std::shared_ptr<spool::Spool> spool(std::uint64_t bytes_max = 64 * 1024 * 1024) {
    return spool::Spool::open({.directory = store_.in(""), .bytes_max = bytes_max}).value();
  }
  static FileOrder order(records::EntityId entity, const std::string& company = "acme") {
    return {.company = company, .request = {.entity = entity}};
  }
  FileState state(const FileOrder& order) {
    const auto session = store_.database().open_reader().value();
    const auto snapshot = CompanySnapshot::begin(*session, order.company);
    return read_file_state(*session, order.company, order.request.entity).value();
  }
  static void finish(MadeFile& file) {
    std::promise<void> over;
    file.when_ended([&] { over.set_value(); });
    ASSERT_EQ(over.get_future().wait_for(10s), std::future_status::ready);
  }
  static std::string text_of(const std::shared_ptr<MadeFile>& file) {
    std::string text(file->size(), '\0');
    EXPECT_EQ(bytes_of(file)->read(0, text), text.size());
    return text;
  }
  // Whether the condition holds before long.
  template <typename Condition>
  bool comes_true(Condition holds) const {
    const auto patience = clock_.monotonic() + 10s;
    while (!holds() && clock_.monotonic() < patience) {
      std::this_thread::sleep_for(1ms);
    }
    return holds();
  }
  // Enough people for a file of some megabytes.
  void add_people(int count) {
    std::string users;
    std::string rows;
    for (int i = 0; i < count; ++i) {
      const std::string id = fmt::format("00000000-0000-4000-8000-{:012}", i);
      users += fmt::format(
          R"({{"id":"{}","email":"p{}@example.com","firstName":"P","lastName":"{:0>200}"}})"
          "\n",
          id, i, i);
      rows += fmt::format(
          R"({{"companyId":"acme","planId":"p1","userId":"{}","subscriptionStatus":"ACTIVE","requiredStepsTotal":2,"requiredStepsCompleted":1,"assessmentsComplete":0,"createdAt":"2025-06-01T08:00:00Z"}})"
          "\n",
          id);
    }
    ASSERT_EQ(store_.import_text("users.ndjson", users), fmt::format("+{} =0 -0", count));
    ASSERT_EQ(store_.import_text("learning_plan_progress.ndjson", rows),
              fmt::format("+{} =0 -0", count));
  }

  SystemClock clock_;
  NullLogger logger_;
  exchange::ExchangeStore store_;
  const FileOrder users_ = order(records::EntityId::kUsers);
};

TEST_F(FileMakerTest, AFileIsMadeOnceWhileItsTableHasNotChanged) {
  FileMaker maker(store_.database(), spool(), clock_, logger_);
  const auto file = maker.get(users_, state(users_)).value();
  finish(*file);
  EXPECT_TRUE(file->is_complete());
  EXPECT_EQ(text_of(file), exchange::sample_files()["users"]);
  EXPECT_EQ(file->state()->table_sequence, state(users_).table_sequence);
  EXPECT_EQ(maker.get(users_, state(users_)).value(), file);
  ASSERT_EQ(store_.import_text("companies.ndjson", R"({"id":"acme","slug":"acme","name":"A"})"
                                                   "\n"),
            "+1 =0 -0");
  EXPECT_EQ(maker.get(users_, state(users_)).value(), file);
  ASSERT_EQ(
      store_.import_text("users.ndjson",
                         fmt::format(R"({{"id":"{}","email":"a@b","firstName":"A","lastName":"L"}})"
                                     "\n",
                                     exchange::kAda)),
      "+1 =0 -0");
  const auto newer = maker.get(users_, state(users_)).value();
  EXPECT_NE(newer, file);
  finish(*newer);
  EXPECT_NE(text_of(newer), text_of(file));
}

TEST_F(FileMakerTest, AFileIsMadeWithLessThanTheShareOfWhoAnswersRequests) {
  const auto niceness = [] { return getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())); };
  const int own = niceness();
  add_people(10'000);
  FileMaker maker(store_.database(), spool(), clock_, logger_, {.threads = 1});
  const auto first = maker.get(users_, state(users_)).value();
  // Waits for the only thread, which then says when it has ended.
  const auto second = maker.get(order(records::EntityId::kContracts), FileState{}).value();
  std::promise<int> of_maker;
  second->when_ended([&] { of_maker.set_value(niceness()); });
  EXPECT_EQ(of_maker.get_future().get(), std::max(own, 5));
  finish(*first);
}

TEST_F(FileMakerTest, OneCompanyHasTwoFilesBeingMadeAndWhoSharesOneDoesNotCount) {
  FileMaker maker(store_.database(), spool(), clock_, logger_, kNothingMade);
  const FileState any;
  const auto first = maker.get(users_, any).value();
  const auto second = maker.get(order(records::EntityId::kPrograms), any).value();
  EXPECT_EQ(maker.get(users_, any).value(), first);
  const auto third = maker.get(order(records::EntityId::kContracts), any);
  ASSERT_FALSE(third.has_value());
  EXPECT_EQ(third.error().code, ErrorCode::kRateLimited);
  EXPECT_EQ(third.error().message,
            "2 files of this company are being made, which is the limit; try again when one is "
            "complete.");
  EXPECT_TRUE(maker.get(order(records::EntityId::kContracts, "bolt"), any).has_value());
}

TEST_F(FileMakerTest, FilesThatNobodyReadsGoAfterATime) {
  const auto place = spool();
  ManualClock clock;
  FileMaker maker(store_.database(), place, clock, logger_);
  {
    const auto file = maker.get(users_, state(users_)).value();
    finish(*file);
  }
  EXPECT_GT(place->budget().used(), 0U);
  maker.sweep();
  EXPECT_GT(place->budget().used(), 0U);
  clock.advance(61s);
  EXPECT_TRUE(comes_true([&] {
    maker.sweep();
    return place->budget().used() == 0;
  }));
}

TEST_F(FileMakerTest, AFullSpoolIsAnErrorAndFilesThatNobodyReadsMakeRoom) {
  add_people(2'000);
  const FileOrder large = order(records::EntityId::kUsers);
  FileMaker too_small(store_.database(), spool(128 * 1024), clock_, logger_);
  const auto failed = too_small.get(large, state(large)).value();
  finish(*failed);
  ASSERT_TRUE(failed->error().has_value());
  EXPECT_EQ(failed->error()->code, ErrorCode::kUnavailable);

  FileMaker maker(store_.database(), spool(1024 * 1024), clock_, logger_);
  const std::string whole = [&] {
    const auto file = maker.get(large, state(large)).value();
    finish(*file);
    return text_of(file);
  }();
  ASSERT_GT(whole.size(), 512U * 1024);
  FileOrder narrow = large;
  narrow.request.columns = {{0, 3}};
  const auto second = maker.get(narrow, state(narrow)).value();
  finish(*second);
  EXPECT_FALSE(second->error().has_value());
  EXPECT_GT(text_of(second).size(), 400U * 1024);
}

TEST_F(FileMakerTest, WhatNobodyWaitsForIsNotMadeToItsEnd) {
  add_people(2'000);
  const auto place = spool();
  FileMaker maker(store_.database(), place, clock_, logger_);
  maker.get(users_, state(users_)).value().reset();
  // A file that was made to its end would be kept.
  EXPECT_TRUE(comes_true([&] { return place->budget().used() == 0; }));
}

TEST_F(FileMakerTest, ACompanyThatIsNotThereHasNoFile) {
  FileMaker maker(store_.database(), spool(), clock_, logger_);
  const auto file = maker.get(order(records::EntityId::kUsers, "none"), {}).value();
  finish(*file);
  EXPECT_EQ(file->error()->code, ErrorCode::kUnauthorized);
}

TEST_F(FileMakerTest, EndingFailsWhatIsNotComplete) {
  std::shared_ptr<MadeFile> file;
  {
    FileMaker maker(store_.database(), spool(), clock_, logger_, kNothingMade);
    file = maker.get(users_, {}).value();
  }
  EXPECT_EQ(file->error()->code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace matricula::dataapi
