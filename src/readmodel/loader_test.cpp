#include "readmodel/loader.h"

#include <gtest/gtest.h>
#include <new>
#include <thread>

namespace matricula::readmodel {
namespace {

LoadJob job_of(const char* company) {
  auto list = std::make_shared<CompanyList>();
  list->company = company;
  return {.list = std::move(list), .bytes_max = 1};
}

Loader::State wait_for(Loader& loader) {
  for (;;) {
    if (auto result = loader.take()) {
      return std::move(*result);
    }
    std::this_thread::yield();
  }
}

TEST(Loader, HandsOverWhatItMadeOnce) {
  for (const ThreadPriority priority : {ThreadPriority::kIdle, ThreadPriority::kLow}) {
    Loader loader(priority, [](const LoadJob& job, const std::atomic<bool>&) -> Loader::State {
      auto made = std::make_shared<PublishedState>();
      made->epoch = job.list->company;
      return made;
    });
    for (const char* company : {"1", "2"}) {
      ASSERT_TRUE(loader.is_free());
      loader.start(job_of(company));
      EXPECT_EQ(wait_for(loader).value()->epoch, company);
      EXPECT_FALSE(loader.take());
    }
  }
}

TEST(Loader, AListForWhichThereIsNoMemoryDoesNotFit) {
  Loader loader(
      ThreadPriority::kLow,
      [](const LoadJob&, const std::atomic<bool>&) -> Loader::State { throw std::bad_alloc(); });
  for (int round = 0; round < 2; ++round) {
    loader.start(job_of("1"));
    EXPECT_EQ(wait_for(loader).error().code, ErrorCode::kLimitExceeded);
  }
}

// Makes nothing before it is given up.
Loader::State wait_until_given_up(const LoadJob&, const std::atomic<bool>& is_given_up) {
  while (!is_given_up) {
    std::this_thread::yield();
  }
  return fail(ErrorCode::kUnavailable, "given up");
}

TEST(Loader, WhatIsGivenUpGivesNoResultAndLeavesItFree) {
  Loader loader(ThreadPriority::kIdle, wait_until_given_up);
  for (int round = 0; round < 3; ++round) {
    loader.start(job_of("1"));
    EXPECT_FALSE(loader.is_free());
    loader.give_up();
    while (!loader.is_free()) {
      std::this_thread::yield();
    }
    EXPECT_FALSE(loader.take());
  }
}

TEST(Loader, KnowsTheProcessorTimeOfItsThread) {
  Loader working(ThreadPriority::kLow, wait_until_given_up);
  Loader resting(ThreadPriority::kLow, wait_until_given_up);
  working.start(job_of("1"));
  constexpr std::chrono::milliseconds kWork{20};
  while (working.processor_time() < kWork) {
    std::this_thread::yield();
  }
  EXPECT_LT(resting.processor_time(), kWork);
}

TEST(Loader, EndsInTheMiddleOfAJob) {
  Loader loader(ThreadPriority::kLow, wait_until_given_up);
  loader.start(job_of("1"));
}

}  // namespace
}  // namespace matricula::readmodel
