#include "auth/callers/restrictions.h"

#include "auth/testing.h"

namespace matricula::auth {
namespace {

struct RestrictionsTest : AuthFixture {
  static constexpr ScopeType kAccepted[] = {ScopeType::kCompany};
  Principal of_token(const std::string& token) {
    return *good(authenticator->data_principal("Token " + token));
  }
  std::string ask(const std::string& token, std::string_view endpoint) {
    return outcome(company_for(of_token(token), kAccepted, {}, endpoint));
  }
  bool allows(const std::string& token, std::string_view address) {
    return of_token(token).restrictions.allow_address(address);
  }
};

TEST_F(RestrictionsTest, HoldACredentialsTokensToItsNetworksAndEndpoints) {
  const auto restrictions =
      good(parse_restrictions({"192.0.2.0/24"}, {"catalog", "program-progress"}));
  const auto credential =
      good(credentials.create({.company_ids = {"11"}, .restrictions = restrictions}, as(oper)));
  const GenerateToken input{.client_id = credential.client_id,
                            .client_secret = credential.client_secret};
  EXPECT_EQ(
      outcome(tokens.generate(*reader, input, {.principal = anonymous, .address = "198.51.100.1"})),
      "UNAUTHORIZED invalid client credentials");
  const std::string token = good(tokens.generate(*reader, input, as(anonymous))).unredacted_token;
  const std::string refused = "UNAUTHORIZED not authorized";
  EXPECT_EQ(ask(token, "catalog"), "ok");
  EXPECT_EQ(ask(token, "assessment-progress"), refused);
  EXPECT_EQ(ask(token, ""), refused);
  EXPECT_TRUE(allows(token, "192.0.2.9"));
  EXPECT_FALSE(allows(token, "198.51.100.1"));
  EXPECT_FALSE(allows(token, ""));

  EXPECT_EQ(outcome(credentials.restrict(credential.credential.id, {}, as(admin({"12"})))),
            refused);
  const auto freed = good(credentials.restrict(credential.credential.id, {}, as(admin({"11"}))));
  EXPECT_EQ(freed.restrictions, Restrictions{});
  EXPECT_EQ(ask(token, "assessment-progress"), "ok");
  EXPECT_TRUE(allows(token, "198.51.100.1"));
}

TEST_F(RestrictionsTest, AStoredNetworkThatCannotBeReadAllowsNoOne) {
  const Restrictions damaged = restrictions_of("10.0.0.0-8", "");
  EXPECT_FALSE(damaged.allow_address("10.0.0.1"));
  EXPECT_FALSE(damaged.allow_address("2001:db8::1"));
  const Restrictions half = restrictions_of("192.0.2.0/24 x", "");
  EXPECT_TRUE(half.allow_address("192.0.2.1"));
  EXPECT_FALSE(half.allow_address("10.0.0.1"));
}

TEST_F(RestrictionsTest, NamesWhatItCannotRead) {
  EXPECT_EQ(outcome(parse_restrictions({"10.0.0.1/8"}, {})),
            "BAD_USER_INPUT \"10.0.0.1/8\" has bits behind its prefix; the network is 10.0.0.0/8.");
  EXPECT_EQ(outcome(parse_restrictions({"10.0.0.0/33"}, {})),
            "BAD_USER_INPUT \"10.0.0.0/33\" is not a network such as 192.0.2.0/24 or "
            "2001:db8::/32.");
  EXPECT_EQ(outcome(parse_restrictions({}, {"tokens"})),
            "BAD_USER_INPUT \"tokens\" is not a data endpoint; there are catalog, "
            "program-progress, assessment-progress, learning-plan-progress.");
  EXPECT_EQ(outcome(parse_restrictions(std::vector<std::string>(100, "10.0.0.0/8"), {})), "ok");
  EXPECT_EQ(outcome(parse_restrictions(std::vector<std::string>(101, "10.0.0.0/8"), {})),
            "BAD_USER_INPUT A credential may have at most 100 networks.");
}

}  // namespace
}  // namespace matricula::auth
