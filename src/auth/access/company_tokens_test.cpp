#include "auth/access/company_tokens.h"

#include "auth/testing.h"
#include "auth/trail/usage.h"

namespace matricula::auth {
namespace {

struct CompanyTokensTest : AuthFixture {
  std::vector<CompanyToken> seen_by(const Principal& viewer, const std::string& company) {
    return good(tokens_of_company(*reader, viewer, company, {.now = clock.now(), .rows_max = 100}));
  }
};

TEST_F(CompanyTokensTest, AdminsSeeEveryLiveTokenThatReadsTheirCompany) {
  const Principal maker = admin({"11"});
  const auto one = good(tokens.create({.description = "one", .company_ids = {"11"}}, as(maker)));
  good(tokens.create({.description = "elsewhere", .company_ids = {"12"}}, as(staff)));
  good(tokens.create({.description = "no scope"}, as(maker)));
  const auto credential = good(credentials.create({.company_ids = {"11"}}, as(maker)));
  const auto two = good(tokens.generate(
      *reader, {.client_id = credential.client_id, .client_secret = credential.client_secret},
      as(anonymous)));

  const auto seen = seen_by(admin({"11"}), "11");
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].id, two.token.id);
  EXPECT_EQ(seen[0].credential_id, credential.credential.id);
  EXPECT_EQ(seen[1].id, one.token.id);
  EXPECT_EQ(seen[1].description, "one");
  EXPECT_EQ(seen[1].created_by, uuid_text(maker.user_id));
  EXPECT_EQ(seen[1].scopes, std::vector<ScopeType>{ScopeType::kCompany});
  EXPECT_EQ(outcome(tokens_of_company(*reader, admin({"12"}), "11",
                                      {.now = clock.now(), .rows_max = 100})),
            "UNAUTHORIZED not authorized");
  CompanyTokenRange range{.now = clock.now(), .rows_max = 1};
  EXPECT_EQ(good(tokens_of_company(*reader, staff, "11", range)).at(0).id, two.token.id);
  range.before = seen[0].number;
  EXPECT_EQ(good(tokens_of_company(*reader, staff, "11", range)).at(0).id, one.token.id);
  range.before = seen[1].number;
  EXPECT_TRUE(good(tokens_of_company(*reader, staff, "11", range)).empty());

  good(tokens.revoke(one.token.id, as(maker)));
  clock.advance(std::chrono::hours(1));
  EXPECT_EQ(seen_by(maker, "11").size(), 0U);
}

TEST_F(CompanyTokensTest, ATokenThatReadAnotherCompanyOnceShowsNoDescription) {
  const auto both =
      good(tokens.create({.description = "for 11 and 12", .company_ids = {"11", "12"}}, as(staff)));
  good(tokens.revoke(both.token.id, as(admin({"12"}))));
  const auto seen = seen_by(admin({"11"}), "11");
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].description, "");
  EXPECT_EQ(seen[0].scopes.size(), 1U);
  EXPECT_EQ(seen_by(staff, "11").at(0).description, "for 11 and 12");
}

TEST_F(CompanyTokensTest, NothingTellsOfOtherCompanies) {
  const auto both =
      good(tokens.create({.description = "for 11 and 12", .company_ids = {"11", "12"}}, as(staff)));
  const auto principal = good(authenticator->data_principal("Token " + both.unredacted_token));
  UseCounter counter(clock);
  counter.count(*principal, "12");
  flush(counter);
  const auto seen = seen_by(admin({"11"}), "11");
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].description, "");
  EXPECT_EQ(seen[0].scopes.size(), 1U);
  const Uuid id = *parse_uuid(both.token.id);
  EXPECT_EQ(good(last_use_for_company(*reader, id, "11")), std::nullopt);
  EXPECT_EQ(good(last_use_for_company(*reader, id, "12")), clock.now());
  EXPECT_EQ(seen_by(admin({"11", "12"}), "11")[0].description, "for 11 and 12");
}

}  // namespace
}  // namespace matricula::auth
