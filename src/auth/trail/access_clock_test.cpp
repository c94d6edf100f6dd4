#include "auth/trail/access_clock.h"

#include <string>

#include "auth/access/login_service.h"
#include "auth/access/user_service.h"
#include "auth/testing.h"
#include "storage/postgres/testing_cluster.h"

namespace matricula::auth {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr Timestamp kHour = 3'600 * kMicrosPerSecond;
constexpr auto kEnded = "UNAUTHENTICATED token is no longer valid";

// A process with a clock of its own over the fixture's store.
struct Node {
  Node(AuthFixture& fixture, const Clock& clock)
      : world(fixture),
        time(good(AccessClock::open(fixture.store.database(), clock))),
        refusals(*time),
        tokens(fixture.store.database(), fixture.secrets, refusals, *time),
        credentials(fixture.store.database(), fixture.secrets, refusals, *time),
        users(fixture.store.database(), hasher, refusals, *time),
        logins(fixture.store.database(), fixture.secrets, hasher, refusals, *time),
        authenticator(good(Authenticator::open(fixture.store.database(), fixture.secrets, *time))) {
  }

  // What a data endpoint says to a token; a refusal is written to the trail.
  std::string use(const std::string& token) {
    const auto used = authenticator->data_principal("Token " + token);
    if (!used) {
      refusals.add(world.as(world.anonymous), {.action = "request.authenticate"});
      good(refusals.flush_all(world.store.database()));
    }
    return outcome(used);
  }
  std::string new_token(Timestamp lifetime) {
    return good(tokens.create({.description = "", .expires_at = time->now() + lifetime},
                              world.as(world.oper)))
        .unredacted_token;
  }

  AuthFixture& world;
  std::unique_ptr<AccessClock> time;
  Refusals refusals;
  PasswordHasher hasher;
  TokenService tokens;
  CredentialService credentials;
  UserService users;
  LoginService logins;
  std::unique_ptr<Authenticator> authenticator;
};

struct AccessClockTest : AuthFixture {
  void set_back(std::chrono::nanoseconds step) { set_forward(-step); }
  void set_forward(std::chrono::nanoseconds step) {
    clock.set_calendar(clock.now() +
                       std::chrono::duration_cast<std::chrono::microseconds>(step).count());
  }
};

TEST_F(AccessClockTest, WhatHasEndedStaysEndedWhenTheWallClockIsSetBack) {
  for (const auto step : {hours(1), hours(24), hours(24 * 365)}) {
    Node node(*this, clock);
    const std::string token = node.new_token(kHour);
    EXPECT_EQ(node.use(token), "ok");
    clock.advance(hours(1));
    EXPECT_EQ(node.use(token), kEnded);
    set_back(step);
    EXPECT_EQ(node.use(token), kEnded);
    EXPECT_FALSE(node.authenticator->cached_principal("Token " + token));
    set_forward(step);
  }
}

TEST_F(AccessClockTest, ATokenEndsInTimeByTheMonotonicClock) {
  Node node(*this, clock);
  const std::string token = node.new_token(kHour);
  set_back(hours(24));
  clock.advance(seconds(3'599));
  EXPECT_EQ(node.use(token), "ok");
  clock.advance(seconds(1));
  EXPECT_EQ(node.use(token), kEnded);
  EXPECT_EQ(node.time->lead(), hours(24));
}

TEST_F(AccessClockTest, SessionsJwtsAndReplacedSecretsStayEnded) {
  Node node(*this, clock);
  good(node.users.add({.email = "ada@example.org", .password = "correct horse"}, as(oper)));
  const LoggedIn login =
      good(node.logins.login(*reader, "ada@example.org", "correct horse", "192.0.2.1")).login;
  const auto made = good(node.credentials.create({.company_ids = {"11"}}, as(oper)));
  good(node.credentials.rotate(made.credential.id, 60, as(oper)));
  const auto states = [&] {
    return std::vector<std::string>{
        outcome(node.authenticator->user_principal({.authorization = "Bearer " + login.token})),
        outcome(node.authenticator->session_principal(
            {.session_cookie = login.session_cookie, .csrf_token = login.csrf_token})),
        outcome(node.tokens.generate(
            *reader, {.client_id = made.client_id, .client_secret = made.client_secret},
            as(anonymous)))};
  };
  const std::vector<std::string> ended = {kEnded, kEnded,
                                          "UNAUTHORIZED invalid client credentials"};
  EXPECT_EQ(states(), (std::vector<std::string>{"ok", "ok", "ok"}));
  clock.advance(hours(12));
  EXPECT_EQ(states(), ended);
  set_back(hours(12));
  EXPECT_EQ(states(), ended);
}

TEST_F(AccessClockTest, NeverGoesBackAndRunsAtHalfSpeedUntilTheWallClockHasCaughtUp) {
  Node node(*this, clock);
  const Timestamp began = node.time->now();
  set_forward(hours(10));
  EXPECT_EQ(node.time->now(), began + 10 * kHour);
  set_back(hours(10));
  EXPECT_EQ(node.time->now(), began + 10 * kHour);
  clock.advance(hours(2));
  EXPECT_EQ(node.time->now(), began + 11 * kHour);
  EXPECT_EQ(node.time->lead(), hours(9));
  clock.advance(hours(18));
  EXPECT_EQ(node.time->now(), began + 20 * kHour);
  clock.advance(hours(2));
  EXPECT_EQ(node.time->now(), began + 22 * kHour);
  EXPECT_EQ(node.time->lead(), hours(0));
}

TEST_F(AccessClockTest, AClockThatWasYearsAheadLeavesNoTrace) {
  Node node(*this, clock);
  const std::string token = node.new_token(kHour);
  set_forward(hours(24 * 3'650));
  EXPECT_EQ(node.use(token), kEnded);
  set_back(hours(24 * 3'650));
  EXPECT_EQ(node.use(token), "ok");
  good(node.time->read_trail(*reader));
  EXPECT_EQ(node.use(token), "ok");
  EXPECT_EQ(node.time->lead(), hours(0));
  Node restarted(*this, clock);
  EXPECT_EQ(restarted.use(token), "ok");
}

TEST_F(AccessClockTest, WhatHasEndedStaysEndedAfterARestartWithAClockSetBack) {
  std::string token;
  {
    Node node(*this, clock);
    token = node.new_token(kHour);
    clock.advance(hours(1));
    EXPECT_EQ(node.use(token), kEnded);
  }
  set_back(hours(24));
  Node restarted(*this, clock);
  EXPECT_EQ(restarted.use(token), kEnded);
  EXPECT_EQ(restarted.time->lead(), hours(24));
}

TEST_F(AccessClockTest, ATimeOfTheTrailCountsUpToTheBoundAndNotBeyond) {
  const auto lead_with_a_line_ahead_by = [&](Timestamp ahead) {
    const Timestamp at = clock.now() + ahead;
    good(store.database().write_access([&](storage::Session& session) {
      return write_audit(session, audit_row(as(oper), {.action = "user.add"}, at));
    }));
    return Node(*this, clock).time->lead().count();
  };
  EXPECT_EQ(lead_with_a_line_ahead_by(1), 1);
  EXPECT_EQ(lead_with_a_line_ahead_by(AccessClock::kLeadMax), AccessClock::kLeadMax);
  EXPECT_EQ(lead_with_a_line_ahead_by(AccessClock::kLeadMax + 1), AccessClock::kLeadMax);
}

TEST_F(AccessClockTest, ANodeTakesOverTheTimeOfTheOthers) {
  const SystemClock system_clock;
  for (const std::string_view engine : {"sqlite", "postgres"}) {
    const auto database = good(storage::open_database(
        storage::postgres::PrivateCluster::new_store(engine, store.directory().file("other.db")),
        {.migrations = migrations::all()}, system_clock));
    const ManualClock behind(clock.now() - 5 * kHour);
    const auto time = good(AccessClock::open(*database, behind));
    EXPECT_EQ(time->lead(), hours(0));
    good(database->write_access([&](storage::Session& session) {
      return write_audit(session, audit_row(as(oper), {.action = "user.add"}, clock.now()));
    }));
    good(time->read_trail(*good(database->open_reader())));
    EXPECT_EQ(time->now(), clock.now());
    EXPECT_EQ(good(AccessClock::open(*database, behind))->now(), clock.now());
  }
}

}  // namespace
}  // namespace matricula::auth
