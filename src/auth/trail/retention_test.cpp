#include "auth/trail/retention.h"

#include "auth/testing.h"

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

}  // namespace
}  // namespace matricula::auth
