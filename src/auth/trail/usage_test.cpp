#include "auth/trail/usage.h"

#include "auth/testing.h"
#include "auth/trail/use_counter.h"
#include "base/clock.h"

namespace matricula::auth {
namespace {

struct UsageTest : AuthFixture {
  std::shared_ptr<const Principal> token_of(std::vector<std::string> companies) {
    const auto made =
        good(tokens.create({.description = "", .company_ids = std::move(companies)}, as(oper)));
    return good(authenticator->data_principal("Token " + made.unredacted_token));
  }
  std::vector<UseDay> uses(std::string_view company, std::int64_t first_day = 0) {
    return good(uses_of_company(*reader, company, first_day));
  }
  std::int64_t today() { return clock.now() / kMicrosPerDay; }
};

TEST_F(UsageTest, CountsAnsweredAndRefusedRequestsOfACompanyByDay) {
  const auto first = token_of({"11"});
  const auto second = token_of({"11", "12"});
  UseCounter counter(clock);
  counter.count(*first, {});
  counter.count(*first, "11");
  counter.count_refused(*first, {});
  counter.count(*second, "12");
  // A request that names none of the token's companies counts for no company.
  counter.count(*second, {});
  counter.count(*second, "13");
  flush(counter);
  clock.advance(std::chrono::hours(48));
  counter.count_refused(*second, "12");
  flush(counter);
  EXPECT_EQ(uses("11"), (std::vector<UseDay>{{today() - 2, 2, 1}}));
  EXPECT_EQ(uses("12"), (std::vector<UseDay>{{today() - 2, 1, 0}, {today(), 0, 1}}));
  EXPECT_EQ(uses("12", today() - 1), (std::vector<UseDay>{{today(), 0, 1}}));
  EXPECT_TRUE(uses("13").empty());
}

TEST_F(UsageTest, CountsByCredentialOrTokenAndEndpointForOneCompanyAlone) {
  const auto credential = good(credentials.create({.company_ids = {"11", "12"}}, as(oper)));
  const auto exchanged = [&](const std::string& company) {
    const auto made = good(tokens.generate(*reader,
                                           {.client_id = credential.client_id,
                                            .client_secret = credential.client_secret,
                                            .company_id = company},
                                           as(anonymous)));
    return good(authenticator->data_principal("Token " + made.unredacted_token));
  };
  const auto token = token_of({"11"});
  UseCounter counter(clock);
  counter.count(*exchanged("11"), {}, "catalog");
  counter.count(*exchanged("11"), {}, "catalog");
  counter.count(*exchanged("12"), {}, "catalog");
  counter.count_refused(*token, {}, "catalog");
  counter.count(*token, {});  // without an endpoint
  flush(counter);
  clock.advance(std::chrono::hours(24));
  counter.count(*exchanged("11"), {}, "catalog");
  counter.count(*exchanged("11"), {}, "program-progress");
  flush(counter);
  const Uuid id = *parse_uuid(credential.credential.id);
  EXPECT_EQ(good(uses_by_source(*reader, "11", 0)),
            (std::vector<SourceUse>{{id, "catalog", 3, 0},
                                    {id, "program-progress", 1, 0},
                                    {token->token_id, "catalog", 0, 1}}));
  EXPECT_EQ(good(uses_by_source(*reader, "12", 0)),
            (std::vector<SourceUse>{{id, "catalog", 1, 0}}));
  EXPECT_EQ(good(uses_by_source(*reader, "11", today())),
            (std::vector<SourceUse>{{id, "catalog", 1, 0}, {id, "program-progress", 1, 0}}));
}

TEST_F(UsageTest, ACredentialThatIsSentItselfCountsLikeOneOfItsTokens) {
  const auto made = good(credentials.create({.company_ids = {"11"}}, as(oper)));
  const Uuid id = *parse_uuid(made.credential.id);
  const Principal itself{
      .kind = PrincipalKind::kToken,
      .credential_id = id,
      .scopes = {{.type = ScopeType::kCompany, .company_id = "11"}},
  };
  UseCounter counter(clock);
  counter.count(itself, {}, "data");
  counter.count(itself, {}, "data");
  counter.count_refused(itself, {}, "data");
  flush(counter);
  EXPECT_EQ(uses("11"), (std::vector<UseDay>{{today(), 2, 1}}));
  EXPECT_EQ(good(uses_by_source(*reader, "11", 0)), (std::vector<SourceUse>{{id, "data", 2, 1}}));
}

TEST_F(UsageTest, SoManySourcesAreNamedThoseWithTheMostRequests) {
  const Principal credential{
      .kind = PrincipalKind::kToken,
      .credential_id =
          *parse_uuid(good(credentials.create({.company_ids = {"11"}}, as(oper))).credential.id),
      .scopes = {{.type = ScopeType::kCompany, .company_id = "11"}},
  };
  const auto max = static_cast<std::size_t>(kSourceUsesMax);
  UseCounter counter(clock);
  for (std::size_t i = 0; i < max; ++i) {
    counter.count(credential, {}, "endpoint " + std::to_string(i));
  }
  flush(counter);
  EXPECT_EQ(good(uses_by_source(*reader, "11", 0)).size(), max);
  counter.count(credential, {}, "most");
  counter.count(credential, {}, "most");
  flush(counter);
  const std::vector<SourceUse> uses = good(uses_by_source(*reader, "11", 0));
  ASSERT_EQ(uses.size(), max);
  EXPECT_EQ(uses[0].endpoint, "most");
}

TEST_F(UsageTest, ARefusedRequestIsNoUse) {
  const Principal user = admin({"11"});
  const auto made = good(tokens.create({.description = "", .company_ids = {"11"}}, as(user)));
  UseCounter counter(clock);
  counter.count_refused(*good(authenticator->data_principal("Token " + made.unredacted_token)), {});
  flush(counter);
  EXPECT_EQ(good(tokens.list(*reader, user))[0].last_used_at, std::nullopt);
}

}  // namespace
}  // namespace matricula::auth
