// Limits over several nodes by a time that no wall clock moves.
#include "auth/limits/limit_clock.h"

#include <gtest/gtest.h>
#include <thread>

#include "auth/limits/request_limits.h"
#include "migrations/migrations.h"
#include "storage/postgres/testing_cluster.h"

namespace matricula::auth {
namespace {

using std::chrono::milliseconds;
using storage::postgres::PrivateCluster;

class LimitClockTest : public testing::Test {
 protected:
  ~LimitClockTest() override {
    database_.reset();
    cluster_.drop_database(name_);
  }

  // How many of `wanted` requests of one identity are admitted.
  static int admitted(RequestLimits& node, const Clock& clock, int wanted) {
    const auto identity = ratelimit::identity_of(ratelimit::IdentityKind::kToken, "one");
    int count = 0;
    for (int i = 0; i < wanted; ++i) {
      count += node.admit(identity, clock.monotonic()).admitted ? 1 : 0;
    }
    return count;
  }
  // As if the database server's clock were set by so much.
  void set_wall_clock(std::chrono::seconds step) {
    cluster_.run("UPDATE limit_clock SET wall = wall - " +
                     std::to_string(std::chrono::microseconds(step).count()),
                 name_);
  }
  std::int64_t kept(LimitClock& time) {
    EXPECT_TRUE(time.keep(*database_->open_access_session().value()));
    return time.now().value();
  }

  static constexpr ratelimit::LimiterOptions kOptions{.limit = 5, .window = milliseconds(50)};
  PrivateCluster& cluster_ = PrivateCluster::instance();
  const std::string name_ = cluster_.new_database();
  ManualClock clock_;
  SystemClock system_clock_;
  std::unique_ptr<storage::Database> database_ =
      storage::open_database(cluster_.url(name_), {.migrations = migrations::all()}, system_clock_)
          .value();
};

// The server's clock goes on by more than the window; the nodes' goes on by less, then by all of
// it.
TEST_F(LimitClockTest, AWindowPassesByTheNodesClocksAlone) {
  RequestLimits node(kOptions, *database_, clock_);
  EXPECT_EQ(admitted(node, clock_, 7), 5);
  std::this_thread::sleep_for(milliseconds(60));
  clock_.advance(milliseconds(49));
  EXPECT_EQ(admitted(node, clock_, 1), 0);
  clock_.advance(milliseconds(1));
  EXPECT_EQ(admitted(node, clock_, 7), 5);
}

// A refusal is cached with its limit: an operator may raise that meanwhile.
TEST_F(LimitClockTest, ARaisedLimitEndsARefusalAndALoweredOneDoesNot) {
  RequestLimits node({.limit = 3, .window = std::chrono::seconds(60)}, *database_, clock_);
  EXPECT_EQ(admitted(node, clock_, 4), 3);
  const auto identity = ratelimit::identity_of(ratelimit::IdentityKind::kToken, "one");
  EXPECT_FALSE(node.admit(identity, clock_.monotonic(), 2).admitted);
  const ratelimit::Decision raised = node.admit(identity, clock_.monotonic(), 6);
  EXPECT_TRUE(raised.admitted);
  EXPECT_EQ(raised.remaining, 2u);
  EXPECT_FALSE(node.admit(identity, clock_.monotonic(), 3).admitted);
}

TEST_F(LimitClockTest, ANodeThatComesTakesOverTheTimeOfTheOthers) {
  LimitClock first(clock_);
  const std::int64_t began = kept(first);
  clock_.advance(std::chrono::hours(1));
  const std::int64_t later = kept(first);
  EXPECT_EQ(later - began, 3'600'000'000);
  const ManualClock other_clock;
  LimitClock other(other_clock);
  EXPECT_GE(kept(other), later);
  EXPECT_LT(kept(other), later + 2'000'000);
}

TEST_F(LimitClockTest, AStepOfTheServersClockMovesItByTwoSecondsAtMost) {
  for (const auto step : {std::chrono::seconds(86'400), std::chrono::seconds(-86'400)}) {
    LimitClock first(clock_);
    const std::int64_t before = kept(first);
    set_wall_clock(step);
    LimitClock other(clock_);
    const std::int64_t after = kept(other);
    EXPECT_GE(after, before);
    EXPECT_LE(after, before + 2'000'000);
    // The node that was there before goes on by its own clock.
    EXPECT_EQ(first.now().value(), before);
  }
}

TEST_F(LimitClockTest, ItIsLookedAtOnceASecondByOneThread) {
  LimitClock time(clock_);
  EXPECT_TRUE(time.is_old());
  EXPECT_TRUE(time.is_due());
  EXPECT_FALSE(time.is_due());
  clock_.advance(milliseconds(999));
  EXPECT_FALSE(time.is_old());
  clock_.advance(milliseconds(1));
  EXPECT_TRUE(time.is_old());
  EXPECT_TRUE(time.is_due());
}

}  // namespace
}  // namespace matricula::auth
