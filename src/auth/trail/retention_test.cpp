#include "auth/trail/retention.h"

#include "auth/testing.h"
#include "auth/trail/usage.h"

namespace matricula::auth {
namespace {

struct Retention : AuthFixture {};

TEST_F(Retention, TokensOfCredentialsAreForgottenThirtyDaysAfterTheyExpired) {
  const auto credential = good(credentials.create({.company_ids = {"11"}}, as(oper)));
  const auto generated = good(tokens.generate(
      *reader, {.client_id = credential.client_id, .client_secret = credential.client_secret},
      as(anonymous)));
  const auto made =
      good(tokens.create({.description = "", .expires_at = clock.now() + 1'000'000}, as(oper)));
  const std::string ended = "UNAUTHENTICATED token is no longer valid";

  clock.advance(std::chrono::hours(24 * 30 + 1));
  EXPECT_EQ(good(drop_ended_tokens(store.database(), clock)), 0);
  EXPECT_EQ(use(generated.unredacted_token), ended);

  clock.advance(std::chrono::microseconds(1));
  EXPECT_EQ(good(drop_ended_tokens(store.database(), clock)), 1);
  EXPECT_EQ(use(generated.unredacted_token), "UNAUTHENTICATED token not found");
  EXPECT_EQ(use(made.unredacted_token), ended);
  EXPECT_EQ(good(drop_ended_tokens(store.database(), clock)), 0);
}

TEST_F(Retention, UseByEndpointIsForgottenDayByDay) {
  const auto made = good(tokens.create({.description = "", .company_ids = {"11"}}, as(oper)));
  const auto token = good(authenticator->data_principal("Token " + made.unredacted_token));
  UseCounter counter(clock);
  for (int day = 0; day < 3; ++day) {
    counter.count(*token, {}, "catalog");
    counter.count(*token, {}, "program-progress");
    flush(counter);
    clock.advance(std::chrono::hours(24));
  }
  clock.advance(std::chrono::hours(24 * (kEndpointUseDays - 3)));
  EXPECT_EQ(good(drop_oldest_use(store.database(), clock)), 0);
  clock.advance(std::chrono::hours(48));
  EXPECT_EQ(good(drop_oldest_use(store.database(), clock)), 2);
  EXPECT_EQ(good(drop_oldest_use(store.database(), clock)), 2);
  EXPECT_EQ(good(drop_oldest_use(store.database(), clock)), 0);
  EXPECT_EQ(good(uses_by_source(*reader, "11", 0)).size(), 2U);
}

}  // namespace
}  // namespace matricula::auth
