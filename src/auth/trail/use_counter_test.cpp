#include "auth/trail/use_counter.h"

#include "auth/schema/store.h"
#include "auth/testing.h"

namespace matricula::auth {
namespace {

const storage::Statement kDays("SELECT uses FROM token_use_days ORDER BY day");

struct UseCounterTest : AuthFixture {
  std::vector<std::int64_t> uses_by_day() {
    std::vector<std::int64_t> uses;
    good(each_row(*reader, kDays, {},
                  [&](const storage::Rows& rows) { uses.push_back(rows.integer(0)); }));
    return uses;
  }
};

TEST_F(UseCounterTest, KeepsTheLastUseAndTheUsesOfEachDay) {
  const Principal user = admin({"11"});
  const auto made = good(tokens.create({.description = ""}, as(user)));
  const auto principal = good(authenticator->data_principal("Token " + made.unredacted_token));
  UseCounter counter(clock);
  counter.count(*principal, {});
  counter.count(*principal, {});
  EXPECT_EQ(good(tokens.list(*reader, user))[0].last_used_at, std::nullopt);
  flush(counter);
  clock.advance(std::chrono::hours(24));
  counter.count(*principal, {});
  flush(counter);
  counter.count(*principal, {});
  flush(counter);
  EXPECT_EQ(uses_by_day(), (std::vector<std::int64_t>{2, 2}));
  EXPECT_EQ(good(tokens.list(*reader, user))[0].last_used_at, clock.now());
}

TEST_F(UseCounterTest, TellsTheUsesOfEachDay) {
  const auto made = good(tokens.create({.description = ""}, as(oper)));
  const auto principal = good(authenticator->data_principal("Token " + made.unredacted_token));
  UseCounter counter(clock);
  for (const int uses : {2, 3}) {
    for (int i = 0; i < uses; ++i) {
      counter.count(*principal, {});
    }
    clock.advance(std::chrono::hours(24));
  }
  flush(counter);
  const auto days = good(read_uses(*reader, *parse_uuid(made.token.id)));
  ASSERT_EQ(days.size(), 2U);
  EXPECT_EQ(days[0].uses, 2);
  EXPECT_EQ(days[1].uses, 3);
  EXPECT_EQ(days[1].day - days[0].day, 86'400'000'000);
}

TEST_F(UseCounterTest, ATokensUseIsItsCredentialsUse) {
  const auto credential = good(credentials.create({.company_ids = {"11"}}, as(oper)));
  const auto made = good(tokens.generate(
      *reader, {.client_id = credential.client_id, .client_secret = credential.client_secret},
      as(anonymous)));
  clock.advance(std::chrono::minutes(10));
  UseCounter counter(clock);
  counter.count(*good(authenticator->data_principal("Token " + made.unredacted_token)), {});
  flush(counter);
  EXPECT_EQ(good(credentials.list(*reader, oper, {}))[0].last_used_at, clock.now());
}

TEST_F(UseCounterTest, ARequestIsTheUseOfTheCompanyThatItIsFor) {
  const auto credential = good(credentials.create({.company_ids = {"11", "12"}}, as(oper)));
  const auto made = good(tokens.generate(*reader,
                                         {.client_id = credential.client_id,
                                          .client_secret = credential.client_secret,
                                          .company_id = "12"},
                                         as(anonymous)));
  clock.advance(std::chrono::minutes(10));
  UseCounter counter(clock);
  counter.count(*good(authenticator->data_principal("Token " + made.unredacted_token)), {});
  flush(counter);
  const auto shown_to = [&](const Principal& principal, std::optional<std::string_view> company) {
    return good(credentials.list(*reader, principal, company))[0];
  };
  EXPECT_EQ(shown_to(admin({"12"}), {}).last_used_at, clock.now());
  EXPECT_EQ(shown_to(admin({"12"}), "12").company_ids, std::vector<std::string>{"12"});
  EXPECT_EQ(shown_to(admin({"11"}), {}).last_used_at, std::nullopt);
  EXPECT_EQ(shown_to(admin({"11"}), "11").company_ids, std::vector<std::string>{"11"});
  EXPECT_EQ(shown_to(admin({"11", "12"}), {}).last_used_at, clock.now());
  EXPECT_EQ(shown_to(staff, "11").last_used_at, std::nullopt);
}

TEST_F(UseCounterTest, WithoutUseNothingIsWritten) {
  UseCounter counter(clock);
  counter.count(staff, {});
  flush(counter);
  EXPECT_TRUE(uses_by_day().empty());
}

TEST_F(UseCounterTest, UseAndRefusalsKeepCachedTokensValid) {
  const auto made = good(tokens.create({.description = "", .company_ids = {"11"}}, as(oper)));
  const auto principal = good(authenticator->data_principal("Token " + made.unredacted_token));
  const auto before = store.database().generation();
  UseCounter counter(clock);
  counter.count(*principal, {});
  flush(counter);
  refusals.add(as(anonymous), {.action = "request.authenticate"});
  EXPECT_EQ(trail().size(), 2U);
  EXPECT_EQ(store.database().generation(), before);
}

}  // namespace
}  // namespace matricula::auth
