#include "pipeline/fair_queue.h"

#include <gtest/gtest.h>
#include <map>
#include <string>

namespace matricula::pipeline {
namespace {

using namespace std::chrono_literals;

class Named final : public Job {
 public:
  Named(TenantKey tenant, std::string name, bool is_batchable)
      : Job({.tenant = tenant, .is_batchable = is_batchable}), name_(std::move(name)) {}
  void run(unsigned) override {}
  void expire() override {}
  const std::string& name() const { return name_; }

 private:
  std::string name_;
};

const std::string& name_of(const std::unique_ptr<Job>& job) {
  return static_cast<const Named&>(*job).name();
}

std::string names_of(const Jobs& jobs) {
  std::string names;
  for (const auto& job : jobs) {
    names += (names.empty() ? "" : " ") + name_of(job);
  }
  return names;
}

struct FairQueueTest : testing::Test {
  // A job of the tenant that its name begins with.
  bool push(const std::string& name, bool is_batchable = false, FairQueue::Time now = 0ns) {
    std::unique_ptr<Job> job =
        std::make_unique<Named>(static_cast<TenantKey>(name.front()), name, is_batchable);
    return queue.push(job, now);
  }
  // One turn of one job after another, each of which takes `used`; the names of their jobs.
  std::string run(int turns, FairQueue::Time used = 10ms) {
    std::string names;
    for (int i = 0; i < turns && queue.has_turn(); ++i) {
      const FairQueue::Turn turn = queue.take(1);
      names += (names.empty() ? "" : " ") + name_of(turn.jobs.front());
      queue.finish(turn, used);
    }
    return names;
  }

  FairQueue queue{
      {.turns_max = 3, .turns_of_tenant_max = 2, .waiting_max = 8, .waiting_of_tenant_max = 5}};
};

TEST_F(FairQueueTest, ATenantThatComesLaterWaitsForNoMoreThanTheTurnUnderWay) {
  for (const char* const name : {"a1", "a2", "a3", "a4", "a5"}) {
    ASSERT_TRUE(push(name));
  }
  EXPECT_EQ(run(2), "a1 a2");
  ASSERT_TRUE(push("b1"));
  ASSERT_TRUE(push("b2"));
  EXPECT_EQ(run(5), "b1 a3 b2 a4 a5");
}

TEST_F(FairQueueTest, TurnsGoByTheTimeThatJobsTookNotByTheirNumber) {
  const std::map<char, FairQueue::Time> takes{{'a', 90ms}, {'b', 1ms}, {'c', 10ms}};
  std::map<char, FairQueue::Time> used;
  for (int round = 0; round < 2'000; ++round) {
    for (const auto& [tenant, time] : takes) {
      static_cast<void>(push(std::string(1, tenant)));
      static_cast<void>(push(std::string(1, tenant)));
    }
    const FairQueue::Turn turn = queue.take(1);
    const char tenant = name_of(turn.jobs.front()).front();
    used[tenant] += takes.at(tenant);
    queue.finish(turn, takes.at(tenant));
  }
  // None is behind another by more than its own longest turn and the other's.
  EXPECT_LE(used['a'], used['b'] + 91ms);
  EXPECT_LE(used['b'], used['a'] + 91ms);
  EXPECT_LE(used['c'], used['b'] + 11ms);
  EXPECT_GE(used['b'], 1'000ms);
}

TEST_F(FairQueueTest, ATenantWithNothingToDoSavesNoTimeUp) {
  ASSERT_TRUE(push("b0"));
  EXPECT_EQ(run(1), "b0");
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(push("a"));
    run(1);
  }
  for (const char* const name : {"a1", "b1", "b2", "b3", "a2", "a3"}) {
    ASSERT_TRUE(push(name));
  }
  EXPECT_EQ(run(6), "b1 a1 b2 a2 b3 a3");
}

TEST_F(FairQueueTest, OneTenantHasItsPartOfTheTurnsAtMost) {
  for (const char* const name : {"a1", "a2", "a3", "a4"}) {
    ASSERT_TRUE(push(name));
  }
  const FairQueue::Turn first = queue.take(1);
  const FairQueue::Turn second = queue.take(1);
  EXPECT_EQ(names_of(first.jobs) + names_of(second.jobs), "a1a2");
  EXPECT_FALSE(queue.has_turn());
  ASSERT_TRUE(push("b1"));
  ASSERT_TRUE(push("b2"));
  EXPECT_TRUE(queue.has_turn());
  const FairQueue::Turn third = queue.take(1);
  EXPECT_EQ(names_of(third.jobs), "b1");
  EXPECT_FALSE(queue.has_turn()) << "three are under way";
  queue.finish(first, 5ms);
  EXPECT_EQ(run(1, 5ms), "b2");
  EXPECT_EQ(run(1, 5ms), "a3");
}

TEST_F(FairQueueTest, TheQueueIsFullAtItsBoundAndATenantAtItsOwn) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(push("a"));
  }
  EXPECT_FALSE(push("a")) << "the sixth of a tenant that may have five";
  EXPECT_TRUE(push("b"));
  EXPECT_TRUE(push("c"));
  EXPECT_TRUE(push("d"));
  EXPECT_FALSE(push("e")) << "the ninth of eight";
  EXPECT_EQ(queue.waiting(), 8U);
  EXPECT_EQ(run(1), "a");
  EXPECT_TRUE(push("e"));
}

TEST_F(FairQueueTest, ABatchIsTakenInTheOrderOfTurnsUpToAJobThatGoesAlone) {
  constexpr auto kBatchable = true;
  ASSERT_TRUE(push("a1", kBatchable));
  ASSERT_TRUE(push("a2", kBatchable));
  ASSERT_TRUE(push("a3", kBatchable));
  ASSERT_TRUE(push("b1", kBatchable));
  ASSERT_TRUE(push("b2"));
  const FairQueue::Turn turn = queue.take(16);
  EXPECT_EQ(names_of(turn.jobs), "a1 b1 a2");
  queue.finish(turn, 3ms);
  EXPECT_EQ(run(2), "b2 a3");
}

TEST_F(FairQueueTest, ABatchHasNoMoreJobsThanAreAskedForHoweverManyTurnsItsTenantMayHave) {
  for (const char* const name : {"a1", "a2", "a3", "a4", "a5"}) {
    ASSERT_TRUE(push(name, true));
  }
  const FairQueue::Turn turn = queue.take(4);
  EXPECT_EQ(names_of(turn.jobs), "a1 a2 a3 a4");
  EXPECT_TRUE(queue.has_turn()) << "it is one turn of two";
}

TEST_F(FairQueueTest, WhatIsRequeuedGoesAloneAndBeforeItsTenantsOtherJobs) {
  for (const char* const name : {"a1", "a2", "a3", "a4"}) {
    ASSERT_TRUE(push(name, true));
  }
  FairQueue::Turn turn = queue.take(3);
  queue.requeue(turn.jobs);
  queue.finish(turn, 1ms);
  EXPECT_EQ(queue.waiting(), 4U);
  for (const char* const expected : {"a1", "a2", "a3", "a4"}) {
    const FairQueue::Turn next = queue.take(16);
    EXPECT_EQ(names_of(next.jobs), expected);
    queue.finish(next, 1ms);
  }
}

TEST_F(FairQueueTest, JobsThatWaitedTooLongAreTakenOutWhoeverTheyAreOf) {
  ASSERT_TRUE(push("a1", false, 1ms));
  ASSERT_TRUE(push("a2", false, 5ms));
  ASSERT_TRUE(push("b1", false, 4ms));
  ASSERT_TRUE(push("c1", false, 6ms));
  const Jobs older = queue.take_older_than(5ms);
  EXPECT_EQ(older.size(), 2U);
  EXPECT_EQ(queue.waiting(), 2U);
  EXPECT_EQ(run(5), "a2 c1");
}

}  // namespace
}  // namespace matricula::pipeline
