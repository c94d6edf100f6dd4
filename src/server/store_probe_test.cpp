#include "server/store_probe.h"

#include <atomic>
#include <future>
#include <gtest/gtest.h>
#include <new>

namespace matricula::server {
namespace {

using std::chrono::milliseconds;

// A store that is asked through a gate.
struct StoreProbeTest : testing::Test {
  StoreProbe::Source source() {
    return {.health =
                [this] {
                  ++health_asked;
                  gate.lock();
                  gate.unlock();
                  return storage::StoreHealth{.reachable = reachable, .migrations_current = true};
                },
            .imports =
                [this] {
                  ++imports_asked;
                  return std::optional(std::vector<exchange::ImportTotals>(2));
                }};
  }
  static StoreProbe::Use into(std::promise<StoreMetrics>& promise) {
    return [&promise](const StoreMetrics& metrics) { promise.set_value(metrics); };
  }
  StoreMetrics health() const {
    std::promise<StoreMetrics> promise;
    probe->ask_health(into(promise));
    return promise.get_future().get();
  }
  StoreMetrics all() const {
    std::promise<StoreMetrics> promise;
    probe->ask_all(into(promise));
    return promise.get_future().get();
  }

  ManualClock clock;
  std::mutex gate;
  std::atomic<int> health_asked{0};
  std::atomic<int> imports_asked{0};
  std::atomic<bool> reachable{true};
  std::unique_ptr<StoreProbe> probe = std::make_unique<StoreProbe>(source(), clock);
};

TEST(StoreProbe, AsksAgainWhereThereWasNoMemory) {
  const ManualClock clock;
  std::atomic<int> asked{0};
  StoreProbe probe({.health =
                        [&] {
                          if (++asked == 1) {
                            throw std::bad_alloc();
                          }
                          return storage::StoreHealth{.reachable = true};
                        },
                    .imports = [] { return std::nullopt; }},
                   clock);
  std::promise<StoreMetrics> second;
  std::promise<StoreMetrics> third;
  probe.ask_health(StoreProbeTest::into(second));
  EXPECT_TRUE(second.get_future().get().health.reachable);
  probe.ask_all([](const StoreMetrics&) { throw std::bad_alloc(); });
  probe.ask_all(StoreProbeTest::into(third));
  EXPECT_TRUE(third.get_future().get().health.reachable);
}

TEST_F(StoreProbeTest, AsksTheStoreOnceInAWhile) {
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(health().health.reachable);
  }
  EXPECT_EQ(health_asked, 1);
  reachable = false;
  clock.advance(StoreProbe::kFresh - std::chrono::nanoseconds(1));
  EXPECT_TRUE(health().health.reachable);
  clock.advance(std::chrono::nanoseconds(1));
  EXPECT_FALSE(health().health.reachable);
  EXPECT_EQ(health_asked, 2);
}

TEST_F(StoreProbeTest, HealthAloneReadsNoImports) {
  EXPECT_FALSE(health().imports.has_value());
  EXPECT_EQ(imports_asked, 0);
  EXPECT_EQ(all().imports->size(), 2U);
  EXPECT_EQ(all().imports->size(), 2U);
  EXPECT_EQ(imports_asked, 1);
}

// What is made of it would hold up an event loop.
TEST_F(StoreProbeTest, AllIsToldOnTheThreadOfTheProbeAlsoWhileItIsFresh) {
  for (int i = 0; i < 2; ++i) {
    std::promise<std::thread::id> teller;
    probe->ask_all(
        [&teller](const StoreMetrics&) { teller.set_value(std::this_thread::get_id()); });
    EXPECT_NE(teller.get_future().get(), std::this_thread::get_id());
  }
}

TEST_F(StoreProbeTest, AStoreThatIsNotReachedIsNotAskedForImports) {
  reachable = false;
  EXPECT_FALSE(all().imports.has_value());
  EXPECT_EQ(imports_asked, 0);
}

TEST_F(StoreProbeTest, OneAnswerOfAStoreThatHangsIsForAllWhoWait) {
  std::vector<std::promise<StoreMetrics>> waiting(1'000);
  {
    const std::lock_guard hang(gate);
    probe->ask_health(into(waiting.front()));
    while (health_asked == 0) {
      std::this_thread::sleep_for(milliseconds(1));
    }
    for (std::size_t i = 1; i < waiting.size(); ++i) {
      probe->ask_health(into(waiting[i]));
    }
    EXPECT_EQ(waiting.back().get_future().wait_for(milliseconds(0)), std::future_status::timeout);
  }
  probe.reset();
  EXPECT_EQ(health_asked, 1);
  for (std::size_t i = 0; i + 1 < waiting.size(); ++i) {
    EXPECT_TRUE(waiting[i].get_future().get().health.reachable);
  }
}

}  // namespace
}  // namespace matricula::server
