// Cached callers, revalidated by PostgreSQL one at a time and in a batch.
#include "auth/limits/confirmation.h"

#include <algorithm>
#include <deque>
#include <gtest/gtest.h>
#include <thread>

#include "auth/access/token_service.h"
#include "auth/limits/request_limits.h"
#include "auth/secrets/secrets.h"
#include "auth/trail/refusals.h"
#include "migrations/migrations.h"
#include "storage/postgres/testing_cluster.h"

namespace matricula::auth {
namespace {

using storage::postgres::PrivateCluster;
using State = Confirmation::State;

const storage::Statement& nothing() {
  static const storage::Statement kNothing("SELECT 1");
  return kNothing;
}

ratelimit::Identity named(std::string_view name) {
  return ratelimit::identity_of(ratelimit::IdentityKind::kToken, name);
}

class ConfirmationTest : public testing::Test {
 protected:
  ConfirmationTest() { use_window(kWindow); }
  ~ConfirmationTest() override {
    session_.reset();
    limits_.reset();
    database_.reset();
    cluster_.drop_database(name_);
  }

  std::uint64_t generation() { return database_->read_generation(*session_).value(); }
  Confirmation of(std::string_view name, std::uint32_t limit) {
    return of(name, limit, generation());
  }
  static Confirmation of(std::string_view name, std::uint32_t limit, std::uint64_t generation) {
    return Confirmation({.generation = generation, .identity = named(name), .limit = limit});
  }
  // What became of requests that are asked for together, a letter each: `-` denied, else what is
  // left of the limit.
  std::string ask(std::deque<Confirmation> requests) { return ask_by(*session_, requests); }
  std::string ask_by(storage::Session& session, std::deque<Confirmation>& requests) {
    ConfirmationBatch round(limits_->confirmation_texts());
    for (Confirmation& request : requests) {
      round.add(request);
    }
    session.set_guard(&round.guard());
    const bool any = session.query(nothing(), {}).has_value();
    std::string text;
    for (const Confirmation& request : requests) {
      EXPECT_NE(request.state(), State::kUnknown);
      const bool confirmed = request.state() == State::kConfirmed;
      EXPECT_EQ(request.decision().admitted, true);
      text += confirmed ? std::to_string(request.decision().remaining) : "-";
    }
    EXPECT_EQ(any, text.find_first_not_of('-') != std::string::npos);
    return text;
  }
  void use_window(std::chrono::milliseconds window) {
    limits_ = std::make_unique<RequestLimits>(
        ratelimit::LimiterOptions{.limit = 5, .window = window}, *database_, clock_);
  }
  // What is left of a limit, asked in another way.
  std::uint32_t left(std::string_view name, std::uint32_t limit) {
    RequestLimits other({.limit = limit, .window = kWindow}, *database_, clock_);
    return other.peek(named(name), clock_.monotonic()).remaining;
  }

  static constexpr std::chrono::milliseconds kWindow{60'000};
  SystemClock clock_;
  PrivateCluster& cluster_ = PrivateCluster::instance();
  std::string name_ = cluster_.new_database();
  std::unique_ptr<storage::Database> database_ =
      storage::open_database(
          cluster_.url(name_),
          {.migrations = migrations::all(), .statement_timeout = std::chrono::milliseconds(5'000)},
          clock_)
          .value();
  std::unique_ptr<storage::Session> session_ = database_->open_access_session().value();
  std::unique_ptr<RequestLimits> limits_;
};

TEST_F(ConfirmationTest, EachRequestIsCountedAndToldWhatIsLeft) {
  EXPECT_EQ(ask({of("a", 5)}), "4");
  EXPECT_EQ(ask({of("b", 9), of("a", 5), of("c", 3), of("a", 5)}), "8322");
  EXPECT_EQ(left("a", 5), 2);
  EXPECT_EQ(left("b", 9), 8);
}

TEST_F(ConfirmationTest, AtTheLimitRequestsOfOneIdentityAreAdmittedTogetherOrNotAtAll) {
  EXPECT_EQ(ask({of("a", 5), of("a", 5), of("a", 5)}), "432");
  EXPECT_EQ(ask({of("a", 5), of("a", 5), of("b", 5), of("a", 5)}), "--4-");
  EXPECT_EQ(left("a", 5), 2);
  EXPECT_EQ(ask({of("a", 5), of("a", 5)}), "10");
  EXPECT_EQ(ask({of("a", 5)}), "-");
  EXPECT_EQ(left("a", 5), 0);
  // So are those of a caller who was never counted.
  EXPECT_EQ(ask({of("c", 2), of("c", 2), of("c", 2)}), "---");
  EXPECT_EQ(ask({of("c", 2), of("c", 2)}), "10");
}

// Tokens of one credential for companies with limits of their own.
TEST_F(ConfirmationTest, RequestsOfOneIdentityWithTwoLimitsAreHeldToTheLesser) {
  EXPECT_EQ(ask({of("a", 9), of("a", 5)}), "83");
  EXPECT_EQ(ask({of("a", 9), of("a", 9)}), "65");
  EXPECT_EQ(ask({of("a", 9), of("a", 5), of("a", 9)}), "---");
  EXPECT_EQ(ask({of("a", 5), of("a", 9)}), "--");
  EXPECT_EQ(ask({of("a", 9), of("b", 5), of("a", 3)}), "-4-");
  EXPECT_EQ(ask({of("a", 9)}), "4");
  EXPECT_EQ(left("a", 9), 4);
}

TEST_F(ConfirmationTest, MoreRequestsAreCountedTogetherOrNotAtAll) {
  EXPECT_EQ(ask({of("a", 5)}), "4");
  EXPECT_EQ(limits_->admit_more(named("a"), clock_.monotonic(), 5, 3),
            (ratelimit::Decision{.limit = 5, .remaining = 1}));
  EXPECT_EQ(limits_->admit_more(named("a"), clock_.monotonic(), 5, 2),
            (ratelimit::Decision{
                .admitted = false, .limit = 5, .remaining = 0, .retry_after_seconds = 60}));
  // One is admitted all the same.
  EXPECT_EQ(limits_->admit(named("a"), clock_.monotonic()).remaining, 0U);
}

TEST_F(ConfirmationTest, ARequestThatIsTakenBackDoesNotCount) {
  limits_->take_back(named("a"), clock_.monotonic());  // was never counted
  EXPECT_EQ(limits_->admit(named("a"), clock_.monotonic(), 3).remaining, 2U);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const auto second = clock_.monotonic();
  EXPECT_EQ(limits_->admit(named("a"), second, 3).remaining, 1U);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(limits_->admit(named("a"), clock_.monotonic(), 3).remaining, 0U);
  EXPECT_FALSE(limits_->admit(named("a"), clock_.monotonic(), 3).admitted);
  const std::string times = "SELECT times[1], times[3] FROM request_windows";
  const std::string others = cluster_.run(times, name_);
  limits_->take_back(named("a"), second);
  EXPECT_EQ(cluster_.run("SELECT times[1], times[2] FROM request_windows", name_), others);
  // The refusal before is not cached any more.
  EXPECT_EQ(limits_->admit(named("a"), clock_.monotonic(), 3).remaining, 0U);
  for (int i = 0; i < 3; ++i) {
    limits_->take_back(named("a"), second);
  }
  EXPECT_EQ(left("a", 3), 3U);
}

TEST_F(ConfirmationTest, AnIdentityWithoutLimitIsNotCounted) {
  EXPECT_EQ(ask({of("a", 0)}), "0");
  EXPECT_EQ(ask({of("a", 0), of("b", 1), of("a", 0), of("b", 1)}), "0-0-");
  EXPECT_EQ(left("a", 5), 5);
}

TEST_F(ConfirmationTest, CallersOfAnOlderGenerationAreNeitherConfirmedNorCounted) {
  const std::uint64_t before = generation();
  ASSERT_TRUE(database_->write([](storage::Session&) { return Result<void>(); }));
  EXPECT_EQ(ask({of("a", 5, before), of("b", 0, before)}), "--");
  EXPECT_EQ(ask({of("a", 5, before)}), "-");
  EXPECT_EQ(ask({of("b", 0, before)}), "-");
  EXPECT_EQ(ask({of("a", 5, before), of("a", 5), of("b", 0, before), of("b", 0)}), "-4-0");
  EXPECT_EQ(left("a", 5), 4);
}

TEST_F(ConfirmationTest, ANewTokenKeepsCachedCallersAndARevokedOneDoesNot) {
  const Secrets secrets = Secrets::random();
  Refusals refusals(clock_);
  TokenService tokens(*database_, secrets, refusals, clock_);
  const Principal oper = operator_principal();
  const Caller caller{.principal = oper, .address = "local"};
  const std::uint64_t before = generation();
  const auto made = tokens.create({.description = "new"}, caller);
  ASSERT_TRUE(made);
  refusals.add(caller, {.action = "test"});
  ASSERT_TRUE(refusals.flush(*database_));
  EXPECT_EQ(cluster_.run("SELECT count(*) FROM api_tokens", name_), "1");
  EXPECT_EQ(cluster_.run("SELECT count(*) FROM audit_log", name_), "2");
  EXPECT_EQ(ask({of("a", 5, before)}), "4");
  ASSERT_TRUE(tokens.revoke(made->token.id, caller));
  EXPECT_EQ(ask({of("a", 5, before)}), "-");
}

TEST_F(ConfirmationTest, WhatLeftTheWindowCountsNoLonger) {
  use_window(std::chrono::milliseconds(300));
  EXPECT_EQ(ask({of("a", 2), of("a", 2)}), "10");
  EXPECT_EQ(ask({of("a", 2)}), "-");
  std::this_thread::sleep_for(std::chrono::milliseconds(310));
  EXPECT_EQ(ask({of("a", 2)}), "1");
}

TEST_F(ConfirmationTest, WindowsThatHaveEndedAreSweptUnlessARequestCountsInThem) {
  use_window(std::chrono::milliseconds(50));
  EXPECT_EQ(ask({of("a", 5), of("b", 5)}), "44");
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  EXPECT_TRUE(database_->write([this](storage::Session& session) -> Result<void> {
    static const storage::Statement kHold(
        "SELECT 1 FROM request_windows ORDER BY identity LIMIT 1 FOR UPDATE");
    MATRICULA_TRY(const auto held, session.query(kHold, {}));
    return limits_->sweep();
  }));
  EXPECT_EQ(cluster_.run("SELECT count(*) FROM request_windows", name_), "1");
  use_window(kWindow);
  EXPECT_EQ(ask({of("c", 5), of("d", 5)}), "44");
  EXPECT_TRUE(limits_->sweep());
  EXPECT_EQ(cluster_.run("SELECT count(*) FROM request_windows", name_), "2");
}

// Rounds of one identity after the other, in whichever order they are asked for, never wait for
// each other in a circle, and a limit is a limit.
TEST_F(ConfirmationTest, ManyRoundsAtOnceAdmitWhatIsAllowed) {
  constexpr int kThreads = 6;
  constexpr int kRounds = 60;
  constexpr std::uint32_t kLimit = 100;
  constexpr std::string_view kNames = "abcdefgh";
  const std::uint64_t at = generation();
  std::atomic<int> admitted = 0;
  {
    std::vector<std::jthread> threads;
    threads.reserve(kThreads);
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        const auto session = database_->open_access_session().value();
        for (int i = 0; i < kRounds; ++i) {
          std::deque<Confirmation> requests;
          for (std::size_t name = 0; name < kNames.size(); ++name) {
            const std::size_t place = thread % 2 == 0 ? name : kNames.size() - 1 - name;
            requests.push_back(of(kNames.substr(place, 1), kLimit, at));
          }
          ask_by(*session, requests);
          admitted += static_cast<int>(
              std::ranges::count(requests, State::kConfirmed, &Confirmation::state));
        }
      });
    }
  }
  EXPECT_EQ(admitted, kLimit * kNames.size());
}

}  // namespace
}  // namespace matricula::auth
