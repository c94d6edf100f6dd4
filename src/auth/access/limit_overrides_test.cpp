#include "auth/access/limit_overrides.h"

#include "auth/testing.h"

namespace matricula::auth {
namespace {

struct LimitOverridesTest : AuthFixture {
  Result<void> set(LimitSubject subject, const std::string& id, std::uint32_t limit) {
    return set_limit(store.database(), clock, {.subject = subject, .id = id, .limit = limit},
                     as(oper));
  }
  std::optional<std::uint32_t> limit_of(const std::string& token) {
    return good(authenticator->data_principal("Token " + token))->limit;
  }
};

TEST_F(LimitOverridesTest, TheCredentialsOwnWinsOverItsCompanys) {
  const auto credential = good(credentials.create({.company_ids = {"11"}}, as(oper)));
  const auto made = good(tokens.generate(
      *reader, {.client_id = credential.client_id, .client_secret = credential.client_secret},
      as(anonymous)));
  EXPECT_EQ(limit_of(made.unredacted_token), std::nullopt);
  good(set(LimitSubject::kCompany, "11", 500));
  EXPECT_EQ(limit_of(made.unredacted_token), 500U);
  good(set(LimitSubject::kCredential, credential.credential.id, 200));
  EXPECT_EQ(limit_of(made.unredacted_token), 200U);
  EXPECT_EQ(
      good(list_limits(*reader)),
      (std::vector<LimitOverride>{{LimitSubject::kCompany, "11", 500},
                                  {LimitSubject::kCredential, credential.credential.id, 200}}));
  good(clear_limit(store.database(), clock, LimitSubject::kCredential, credential.credential.id,
                   as(oper)));
  EXPECT_EQ(limit_of(made.unredacted_token), 500U);
}

TEST_F(LimitOverridesTest, OfSeveralCompaniesTheLargestCountsAndNoneAtAllIsTheLargest) {
  const auto made = good(tokens.create({.description = "", .company_ids = {"11", "12"}}, as(oper)));
  good(set(LimitSubject::kCompany, "11", 300));
  good(set(LimitSubject::kCompany, "12", 200));
  EXPECT_EQ(limit_of(made.unredacted_token), 300U);
  good(set(LimitSubject::kCompany, "12", 0));
  EXPECT_EQ(limit_of(made.unredacted_token), 0U);
}

TEST_F(LimitOverridesTest, RefusesWhatDoesNotExistIsTooLargeOrNotTheCallersToSet) {
  EXPECT_EQ(outcome(set(LimitSubject::kCompany, "99", 1)), "NOT_FOUND There is no company \"99\".");
  EXPECT_EQ(outcome(set(LimitSubject::kCredential, "x", 1)),
            "NOT_FOUND There is no credential \"x\".");
  EXPECT_EQ(outcome(set(LimitSubject::kCompany, "11", 1'000'000)), "ok");
  EXPECT_EQ(outcome(set(LimitSubject::kCompany, "11", 1'000'001)),
            "BAD_USER_INPUT A limit may be at most 1000000 requests.");
  EXPECT_EQ(
      outcome(set_limit(store.database(), clock, {.id = "11", .limit = 1}, as(admin({"11"})))),
      "UNAUTHORIZED not authorized");
}

}  // namespace
}  // namespace matricula::auth
