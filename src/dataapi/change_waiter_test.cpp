#include "dataapi/change_waiter.h"

#include <future>
#include <gtest/gtest.h>

#include "exchange/testing.h"

namespace matricula::dataapi {
namespace {

using namespace std::chrono_literals;

class ChangeWaiterTest : public testing::Test {
 protected:
  void SetUp() override {
    store_.write_sample();
    ASSERT_EQ(store_.import({store_.in("")})->rejected(), 0U);
  }
  records::SequenceState state(std::string_view company) {
    return **records::read_sequence(**store_.database().open_reader(), company);
  }
  // Waits from the last number of the company; ready when the wait is over.
  std::future<void> wait(const std::string& company, std::chrono::nanoseconds time) {
    auto over = std::make_shared<std::promise<void>>();
    const records::SequenceState now = state(company);
    EXPECT_TRUE(waiter_.add({.company = company,
                             .seen = now.last,
                             .epoch = now.epoch,
                             .until = clock_.monotonic() + time,
                             .then = [over] { over->set_value(); }}));
    return over->get_future();
  }
  void rename(const std::string& company, const std::string& name) {
    ASSERT_EQ(
        store_.import_text("companies.ndjson", R"({"id":")" + company + R"(","slug":")" + company +
                                                   R"(","name":")" + name + "\"}\n"),
        "+1 =0 -0");
  }
  static bool is_over(std::future<void>& wait) {
    return wait.wait_for(0s) == std::future_status::ready;
  }

  SystemClock clock_;
  NullLogger logger_;
  exchange::ExchangeStore store_;
  ChangeWaiter waiter_{store_.database(), clock_, logger_};
};

TEST_F(ChangeWaiterTest, AChangeOfTheCompanyEndsTheWaitAndThatOfAnotherDoesNot) {
  auto acme = wait("acme", 60s);
  auto bolt = wait("bolt", 60s);
  EXPECT_EQ(waiter_.count(), 2U);
  rename("acme", "Acme Two");
  EXPECT_EQ(acme.wait_for(10s), std::future_status::ready);
  EXPECT_FALSE(is_over(bolt));
}

TEST_F(ChangeWaiterTest, AWaitEndsWithItsTime) {
  auto acme = wait("acme", 30ms);
  EXPECT_EQ(acme.wait_for(10s), std::future_status::ready);
}

TEST_F(ChangeWaiterTest, AChangeBetweenTheLookAndTheWaitIsNotMissed) {
  const records::SequenceState before = state("acme");
  rename("acme", "Acme Two");
  auto first = wait("acme", 60s);
  std::promise<void> over;
  EXPECT_TRUE(waiter_.add({.company = "acme",
                           .seen = before.last,
                           .epoch = before.epoch,
                           .until = clock_.monotonic() + 60s,
                           .then = [&] { over.set_value(); }}));
  EXPECT_EQ(over.get_future().wait_for(10s), std::future_status::ready);
  EXPECT_FALSE(is_over(first));
}

TEST_F(ChangeWaiterTest, SoManyRequestsMayWaitAndNotOneMore) {
  const records::SequenceState now = state("acme");
  const auto add = [&] {
    return waiter_.add({.company = "acme",
                        .seen = now.last,
                        .epoch = now.epoch,
                        .until = clock_.monotonic() + 60s,
                        .then = [] {}});
  };
  for (std::size_t i = 0; i < kWaitsMax; ++i) {
    ASSERT_TRUE(add()) << i;
  }
  EXPECT_FALSE(add());
  EXPECT_EQ(waiter_.count(), kWaitsMax);
}

TEST_F(ChangeWaiterTest, WhenTheServerDrainsNobodyIsLeftWaiting) {
  auto acme = wait("acme", 60s);
  waiter_.release_all();
  EXPECT_EQ(acme.wait_for(10s), std::future_status::ready);
  EXPECT_FALSE(
      waiter_.add({.company = "acme", .until = clock_.monotonic() + 60s, .then = [] { FAIL(); }}));
}

}  // namespace
}  // namespace matricula::dataapi
