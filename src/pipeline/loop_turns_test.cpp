#include "pipeline/loop_turns.h"

#include <functional>
#include <gtest/gtest.h>
#include <new>
#include <string>
#include <utility>
#include <vector>

namespace matricula::pipeline {
namespace {

using namespace std::chrono_literals;

// A loop that a test turns by hand.
class ManualLoop final : public http::LoopTasks {
 public:
  void run_later(std::function<void()> work) override {
    if (std::exchange(fails_, false)) {
      throw std::bad_alloc();
    }
    later_.push_back(std::move(work));
  }
  // What was to be run later; false where nothing was.
  bool turn() {
    const auto works = std::exchange(later_, {});
    for (const auto& work : works) {
      work();
    }
    return !works.empty();
  }
  std::size_t waiting() const { return later_.size(); }
  void fail_once() { fails_ = true; }

 private:
  std::vector<std::function<void()>> later_;
  bool fails_ = false;
};

struct LoopTurnsTest : testing::Test {
  // Takes 30 us and notes its name, of which the first letter is the tenant; 'x' stands for one
  // that runs out of memory, and 'g' for one whose client is gone.
  class Noted final : public Job {
   public:
    Noted(LoopTurnsTest& test, std::string name)
        : Job({.tenant = static_cast<TenantKey>(name.front())}),
          test_(test),
          name_(std::move(name)) {}
    bool is_wanted() const override { return name_.back() != 'g'; }
    void run(unsigned number) override {
      EXPECT_EQ(number, 3U);
      test_.clock.advance(30us);
      if (name_.back() == 'x') {
        throw std::bad_alloc();
      }
      test_.note(name_);
    }
    void expire() override { test_.note("-" + name_); }

   private:
    LoopTurnsTest& test_;
    std::string name_;
  };

  bool push(const std::string& name) {
    return turns.submit(std::make_unique<Noted>(*this, name), loop) == nullptr;
  }
  void note(const std::string& name) { done += (done.empty() ? "" : " ") + name; }

  ManualClock clock;
  ManualLoop loop;
  LoopTurns turns{3, clock};
  std::string done;
};

TEST_F(LoopTurnsTest, TheLoopLooksForOthersAfterEachSlice) {
  for (const char* const name : {"a1", "a2", "a3", "a4", "a5"}) {
    EXPECT_TRUE(push(name));
  }
  EXPECT_EQ(done, "") << "nothing is run before what has arrived is handled";
  EXPECT_EQ(loop.waiting(), 1U);
  EXPECT_TRUE(loop.turn());
  EXPECT_EQ(done, "a1 a2");
  EXPECT_TRUE(loop.turn());
  EXPECT_TRUE(loop.turn());
  EXPECT_EQ(done, "a1 a2 a3 a4 a5");
  EXPECT_FALSE(loop.turn());
}

TEST_F(LoopTurnsTest, TenantsTakeTurns) {
  for (const char* const name : {"a1", "a2", "a3", "a4", "b1"}) {
    EXPECT_TRUE(push(name));
  }
  while (loop.turn()) {
  }
  EXPECT_EQ(done, "a1 b1 a2 a3 a4");
}

TEST_F(LoopTurnsTest, AFullQueueGivesTheJobBack) {
  int taken = 0;
  while (push("a" + std::to_string(taken))) {
    ASSERT_LT(++taken, 10'000);
  }
  EXPECT_EQ(taken, 256);
  EXPECT_TRUE(push("b"));
}

TEST_F(LoopTurnsTest, AJobThatFailsOrIsNotWantedHoldsUpNoOther) {
  for (const char* const name : {"a1x", "a2g", "a3"}) {
    EXPECT_TRUE(push(name));
  }
  while (loop.turn()) {
  }
  EXPECT_EQ(done, "-a2g a3");
}

TEST_F(LoopTurnsTest, WithoutMemoryToBeCalledAgainItGoesOn) {
  for (const char* const name : {"a1", "a2", "a3"}) {
    EXPECT_TRUE(push(name));
  }
  loop.fail_once();
  EXPECT_TRUE(loop.turn());
  EXPECT_EQ(done, "a1 a2 a3");
  EXPECT_FALSE(loop.turn());
  loop.fail_once();
  EXPECT_THROW(push("a4"), std::bad_alloc);
  EXPECT_TRUE(push("a5"));
  EXPECT_TRUE(loop.turn());
  EXPECT_EQ(done, "a1 a2 a3 a5");
}

}  // namespace
}  // namespace matricula::pipeline
