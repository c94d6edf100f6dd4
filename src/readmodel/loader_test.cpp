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
  Loader loader([](const LoadJob& job, const std::atomic<bool>&) -> Loader::State {
    auto made = std::make_shared<PublishedState>();
    made->epoch = job.list->company;
    return made;
  });
  for (const char* company : {"1", "2"}) {
    loader.start(job_of(company));
    EXPECT_EQ(wait_for(loader).value()->epoch, company);
    EXPECT_FALSE(loader.take());
  }
}

TEST(Loader, AListForWhichThereIsNoMemoryDoesNotFit) {
  Loader loader(
      [](const LoadJob&, const std::atomic<bool>&) -> Loader::State { throw std::bad_alloc(); });
  for (int round = 0; round < 2; ++round) {
    loader.start(job_of("1"));
    EXPECT_EQ(wait_for(loader).error().code, ErrorCode::kLimitExceeded);
  }
}

TEST(Loader, EndsInTheMiddleOfAJob) {
  Loader loader([](const LoadJob&, const std::atomic<bool>& is_cancelled) -> Loader::State {
    while (!is_cancelled) {
      std::this_thread::yield();
    }
    return fail(ErrorCode::kUnavailable, "cancelled");
  });
  loader.start(job_of("1"));
}

}  // namespace
}  // namespace matricula::readmodel
