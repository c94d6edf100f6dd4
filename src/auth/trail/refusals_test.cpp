#include "auth/trail/refusals.h"

#include "auth/testing.h"

namespace matricula::auth {
namespace {

struct RefusalsTest : AuthFixture {
  void attempt(const std::string& address, const std::string& action,
               const std::string& target = {}) {
    refusals.add({.principal = anonymous, .address = address},
                 {.action = action, .target = target});
  }
  // The lines in the trail, oldest first: address, action, target and attempts.
  std::vector<std::string> lines() {
    std::vector<std::string> found;
    for (const AuditRow& row : good(read_audit(*reader, {.refused = true, .rows_max = 20'000}))) {
      found.push_back(row.address + " " + row.action + " " + row.target + " " +
                      std::to_string(row.attempts));
    }
    std::reverse(found.begin(), found.end());
    return found;
  }
  void flush_due() { good(refusals.flush(store.database())); }
  using Lines = std::vector<std::string>;
};

TEST_F(RefusalsTest, AlikeAttemptsAreOneLineWithTheirNumberAndTimes) {
  const Timestamp first = clock.now();
  for (int i = 0; i < 1'000; ++i) {
    attempt("192.0.2.1", "request.authenticate");
    clock.advance(std::chrono::microseconds(1));
  }
  attempt("192.0.2.2", "request.authenticate");
  attempt("192.0.2.1", "token.generate");
  flush_due();
  EXPECT_EQ(lines(), (Lines{"192.0.2.1 request.authenticate  1000",
                            "192.0.2.2 request.authenticate  1", "192.0.2.1 token.generate  1"}));
  const auto rows = good(read_audit(*reader, {.action = "request.authenticate"}));
  EXPECT_EQ(rows[1].at, first);
  EXPECT_EQ(rows[1].last_at, first + 999);
  EXPECT_EQ(rows[0].last_at, std::nullopt);
}

TEST_F(RefusalsTest, OfTheCompaniesThatAClientNamedTheFirstTenAreKept) {
  std::vector<std::string> named = {"11", "12"};
  for (int i = 0; i < 8; ++i) {
    named.push_back("none-" + std::to_string(i));
  }
  named.emplace_back("13");
  refusals.add({.principal = anonymous, .address = "192.0.2.1"},
               {.action = "credential.create", .companies = named});
  flush_due();
  const auto rows = good(read_audit(*reader, {.action = "credential.create"}));
  EXPECT_EQ(rows.at(0).companies, (std::vector<std::string>{"11", "12"}));
}

TEST_F(RefusalsTest, AFloodIsALineAtOnceAndThenEverRarerOnes) {
  std::int64_t attempts = 0;
  for (int second = 0; second < 600; ++second) {
    for (int i = 0; i < 10; ++i, ++attempts) {
      attempt("192.0.2.1", "request.authenticate");
    }
    flush_due();
    clock.advance(std::chrono::seconds(1));
  }
  // At 0, 2, 6, 14, 30, 62 and 122 seconds, then once a minute.
  EXPECT_EQ(lines().size(), 14U);
  good(refusals.flush_all(store.database()));
  std::int64_t counted = 0;
  for (const AuditRow& row : good(read_audit(*reader, {}))) {
    counted += row.attempts;
  }
  EXPECT_EQ(counted, attempts);
}

TEST_F(RefusalsTest, AfterAPauseAnAttemptIsWrittenAtOnceAgain) {
  attempt("192.0.2.1", "user.login");
  flush_due();
  attempt("192.0.2.1", "user.login");
  flush_due();
  EXPECT_EQ(lines().size(), 1U);
  clock.advance(std::chrono::seconds(2));
  flush_due();
  EXPECT_EQ(lines().size(), 2U);
  clock.advance(std::chrono::seconds(4));
  flush_due();
  attempt("192.0.2.1", "user.login");
  flush_due();
  EXPECT_EQ(lines().size(), 3U);
}

TEST_F(RefusalsTest, TargetsAreLinesOfTheirOwnUpToABound) {
  for (std::size_t i = 0; i < kRefusalTargetsMax + 5; ++i) {
    attempt("192.0.2.1", "user.login", "person " + std::to_string(i));
  }
  good(refusals.flush_all(store.database()));
  const Lines found = lines();
  ASSERT_EQ(found.size(), kRefusalTargetsMax + 1);
  EXPECT_EQ(found[kRefusalTargetsMax - 1], "192.0.2.1 user.login person 9 1");
  EXPECT_EQ(found[kRefusalTargetsMax], "192.0.2.1 user.login  5");
}

TEST_F(RefusalsTest, AddressesOfOneIpv6NetworkAreOne) {
  attempt("2001:db8::1", "user.login");
  attempt("2001:db8::2", "user.login");
  attempt("2001:db8:0:1::1", "user.login");
  flush_due();
  EXPECT_EQ(lines(), (Lines{"2001:db8::1 user.login  2", "2001:db8:0:1::1 user.login  1"}));
}

TEST_F(RefusalsTest, AFloodFromManyAddressesKeepsKnownCallersApart) {
  const std::size_t strangers = kRefusalGroupsMax + 500;
  for (std::size_t i = 0; i < strangers; ++i) {
    attempt("192.0." + std::to_string(i / 250) + "." + std::to_string(i % 250), "user.login");
  }
  const Principal user = admin({"11"});
  EXPECT_EQ(outcome(tokens.revoke(uuid_text(new_uuid()), as(user))), "UNAUTHORIZED not authorized");
  good(refusals.flush_all(store.database()));
  EXPECT_EQ(good(read_audit(*reader, {.actor_id = uuid_text(user.user_id)})).size(), 1U);
  const Lines found = lines();
  EXPECT_EQ(found.size(), kRefusalGroupsMax + 2);
  EXPECT_EQ(std::count(found.begin(), found.end(), " user.login  500"), 1);
}

TEST_F(RefusalsTest, ACredentialWithoutATokenIsAnActorOfItsOwn) {
  const Uuid token_id = new_uuid();
  const Uuid credential_ids[] = {new_uuid(), new_uuid()};
  for (const Uuid& id : credential_ids) {
    const Principal credential{.kind = PrincipalKind::kToken, .credential_id = id};
    refusals.add({.principal = credential, .address = "192.0.2.1"},
                 {.action = "request.authorize"});
  }
  const Principal token{
      .kind = PrincipalKind::kToken, .token_id = token_id, .credential_id = credential_ids[0]};
  refusals.add({.principal = token, .address = "192.0.2.1"}, {.action = "request.authorize"});
  flush_due();
  std::vector<std::string> actors;
  for (const AuditRow& row : good(read_audit(*reader, {}))) {
    actors.push_back(row.actor_kind + " " + row.actor_id);
  }
  EXPECT_EQ(actors, (std::vector<std::string>{"token " + uuid_text(token_id),
                                              "credential " + uuid_text(credential_ids[1]),
                                              "credential " + uuid_text(credential_ids[0])}));
}

TEST_F(RefusalsTest, LinesThatTheStoreRefusedAreWrittenLater) {
  RefusalGroups groups;
  const auto at = [](Timestamp moment) {
    return AuditRow{.at = moment,
                    .actor_kind = "anonymous",
                    .actor_id = {},
                    .address = "192.0.2.1",
                    .action = "user.login",
                    .target = {},
                    .detail = {},
                    .refused = true};
  };
  groups.add(at(1), std::chrono::seconds(0));
  groups.add(at(2), std::chrono::seconds(0));
  auto lines = groups.take(std::chrono::seconds(0), false);
  ASSERT_EQ(lines.size(), 1U);
  groups.add(at(5), std::chrono::seconds(0));
  groups.put_back(lines);
  lines = groups.take(std::chrono::seconds(0), false);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].row.attempts, 3);
  EXPECT_EQ(lines[0].row.at, 1);
  EXPECT_EQ(lines[0].row.last_at, 5);
}

TEST_F(RefusalsTest, ALineOfAClockThatWasAheadGoesWithTheOldOnesAroundIt) {
  for (const std::int64_t at : {1'000, 9'000, 2'000, 7'000, 1'500}) {
    good(store.database().write([&](storage::Session& session) {
      return write_audit(session,
                         audit_row(as(oper), {.action = "token.create", .refused = true}, at));
    }));
  }
  EXPECT_EQ(good(drop_audit(store.database(), {.before = 5'000, .now = 8'000})), 3);
  EXPECT_EQ(good(drop_audit(store.database(), {.before = 5'000, .now = 8'000})), 0);
  EXPECT_EQ(lines().size(), 2U);  // one is young, and so what is behind it stays
}

TEST_F(RefusalsTest, OldLinesAreDroppedInTheirOrder) {
  for (int i = 0; i < 3; ++i) {
    attempt("192.0.2.1", "user.login", std::to_string(i));
    good(refusals.flush_all(store.database()));
    clock.advance(std::chrono::seconds(10));
  }
  EXPECT_EQ(good(drop_audit(store.database(), {clock.now() - 30'000'000, clock.now()})), 0);
  EXPECT_EQ(lines().size(), 3U);
  EXPECT_EQ(good(drop_audit(store.database(), {clock.now() - 30'000'000 + 1, clock.now()})), 1);
  EXPECT_EQ(lines(), (Lines{"192.0.2.1 user.login 1 1", "192.0.2.1 user.login 2 1"}));
  EXPECT_EQ(good(drop_audit(store.database(), {clock.now(), clock.now()})), 2);
  EXPECT_EQ(good(drop_audit(store.database(), {clock.now(), clock.now()})), 0);
}

TEST_F(RefusalsTest, ThatLinesWereDroppedIsWrittenWithIt) {
  attempt("192.0.2.1", "user.login");
  attempt("192.0.2.2", "user.login");
  good(refusals.flush_all(store.database()));
  clock.advance(std::chrono::seconds(10));
  const Timestamp now = clock.now() + 3 * kMicrosPerDay;
  for (const std::int64_t dropped : {2, 0}) {
    EXPECT_EQ(good(drop_audit(store.database(), {now - 2 * kMicrosPerDay, now})), dropped);
  }
  const auto rows = good(read_audit(*reader, {}));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].action, "audit.prune");
  EXPECT_EQ(rows[0].actor_kind, "operator");
  EXPECT_EQ(rows[0].detail, "2 lines older than 2 days");
  EXPECT_EQ(rows[0].at, now);
}

}  // namespace
}  // namespace matricula::auth
