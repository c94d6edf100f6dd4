#include "auth/testing.h"

namespace matricula::auth {
namespace {

struct CredentialServiceTest : AuthFixture {
  std::string mint(const std::string& client_id, const std::string& secret) {
    return outcome(
        tokens.generate(*reader, {.client_id = client_id, .client_secret = secret}, as(anonymous)));
  }
  std::string token_for(const NewClientCredential& credential, const std::string& company) {
    return good(tokens.generate(*reader,
                                {.client_id = credential.client_id,
                                 .client_secret = credential.client_secret,
                                 .company_id = company},
                                as(anonymous)))
        .unredacted_token;
  }
};

TEST_F(CredentialServiceTest, IsForAdminsOfEveryCompanyStaffAndTheOperator) {
  const std::string refused = "UNAUTHORIZED not authorized";
  EXPECT_EQ(outcome(credentials.create({.company_ids = {"11", "12"}}, as(admin({"11", "12"})))),
            "ok");
  EXPECT_EQ(outcome(credentials.create({.company_ids = {"11"}}, as(staff))), "ok");
  EXPECT_EQ(outcome(credentials.create({.company_ids = {"11"}}, as(oper))), "ok");
  EXPECT_EQ(outcome(credentials.create({.company_ids = {"11", "12"}}, as(admin({"11"})))), refused);
  EXPECT_EQ(outcome(credentials.create({.company_ids = {"99"}}, as(admin({"11"})))), refused);
  EXPECT_EQ(outcome(credentials.create({.company_ids = {"11"}}, as(anonymous))), refused);
  EXPECT_EQ(trail().back(), "anonymous credential.create refused");
}

TEST_F(CredentialServiceTest, ShowsItsSecretOnceAndRedactedEverAfter) {
  const auto made = good(credentials.create(
      {.company_ids = {"12", "11", "12"}, .description = "nightly"}, as(admin({"11", "12"}))));
  const std::string tail = made.client_secret.substr(made.client_secret.size() - 4);
  EXPECT_EQ(made.credential.redacted_secret, "udcs_••••••••" + tail);
  EXPECT_EQ(made.credential.client_id, made.client_id);
  EXPECT_EQ(made.credential.company_ids, (std::vector<std::string>{"11", "12"}));
  EXPECT_EQ(made.credential.description, "nightly");
  EXPECT_EQ(made.credential.created_at, clock.now());
  EXPECT_EQ(made.credential.revoked_at, std::nullopt);
}

TEST_F(CredentialServiceTest, RefusesWhatItCannotMake) {
  EXPECT_EQ(outcome(credentials.create({.company_ids = {}}, as(staff))),
            "BAD_USER_INPUT companyIds must name at least one company.");
  EXPECT_EQ(outcome(credentials.create({.company_ids = {"99"}}, as(staff))),
            "BAD_USER_INPUT There is no company \"99\".");
  EXPECT_EQ(outcome(credentials.create(
                {.company_ids = {"11"}, .description = std::string(1'001, 'x')}, as(staff))),
            "BAD_USER_INPUT description may have at most 1000 bytes.");
  EXPECT_EQ(
      outcome(credentials.create({.company_ids = {"11"}, .description = "caf\xE9"}, as(staff))),
      "BAD_USER_INPUT description must be UTF-8.");
}

TEST_F(CredentialServiceTest, MayBeForSoManyCompaniesAndNotOneMore) {
  CreateClientCredential input{.company_ids =
                                   std::vector<std::string>(kCredentialCompaniesMax, "11")};
  EXPECT_EQ(outcome(credentials.create(input, as(oper))), "ok");
  input.company_ids.emplace_back("11");
  EXPECT_EQ(outcome(credentials.create(input, as(oper))),
            "BAD_USER_INPUT companyIds may name at most 1000 companies.");
}

TEST_F(CredentialServiceTest, RotationOverlapsForExactlyAsLongAsAsked) {
  const auto first = good(credentials.create({.company_ids = {"11"}}, as(oper)));
  const auto second = good(credentials.rotate(first.credential.id, 60, as(oper)));
  EXPECT_EQ(second.client_id, first.client_id);
  EXPECT_EQ(second.credential.previous_secret_expires_at, clock.now() + 60'000'000);
  clock.advance(std::chrono::seconds(60) - std::chrono::microseconds(1));
  EXPECT_EQ(mint(first.client_id, first.client_secret), "ok");
  EXPECT_EQ(mint(first.client_id, second.client_secret), "ok");
  clock.advance(std::chrono::microseconds(1));
  EXPECT_EQ(mint(first.client_id, first.client_secret), "UNAUTHORIZED invalid client credentials");
  EXPECT_EQ(mint(first.client_id, second.client_secret), "ok");
  EXPECT_EQ(good(credentials.list(*reader, oper, {}))[0].previous_secret_expires_at, std::nullopt);
}

TEST_F(CredentialServiceTest, RotationWithoutOverlapEndsTheOldSecretNow) {
  const auto first = good(credentials.create({.company_ids = {"11"}}, as(oper)));
  const auto second = good(credentials.rotate(first.credential.id, 0, as(oper)));
  EXPECT_EQ(second.credential.previous_secret_expires_at, std::nullopt);
  EXPECT_EQ(mint(first.client_id, first.client_secret), "UNAUTHORIZED invalid client credentials");
  EXPECT_EQ(mint(first.client_id, second.client_secret), "ok");
}

TEST_F(CredentialServiceTest, RotationEndsAnyOlderSecretNow) {
  const auto first = good(credentials.create({.company_ids = {"11"}}, as(oper)));
  const auto second = good(credentials.rotate(first.credential.id, 600, as(oper)));
  const auto third = good(credentials.rotate(first.credential.id, 600, as(oper)));
  EXPECT_EQ(mint(first.client_id, first.client_secret), "UNAUTHORIZED invalid client credentials");
  EXPECT_EQ(mint(first.client_id, second.client_secret), "ok");
  EXPECT_EQ(mint(first.client_id, third.client_secret), "ok");
}

TEST_F(CredentialServiceTest, TheOverlapHasBounds) {
  const auto made = good(credentials.create({.company_ids = {"11"}}, as(oper)));
  const std::string refused = "BAD_USER_INPUT overlapSeconds must be from 0 to 604800.";
  EXPECT_EQ(outcome(credentials.rotate(made.credential.id, -1, as(oper))), refused);
  EXPECT_EQ(outcome(credentials.rotate(made.credential.id, 604'801, as(oper))), refused);
  EXPECT_EQ(outcome(credentials.rotate(made.credential.id, 604'800, as(oper))), "ok");
}

TEST_F(CredentialServiceTest, ChangingNeedsEveryCompanyAndForeignLooksAbsent) {
  const auto made = good(credentials.create({.company_ids = {"11", "12"}}, as(oper)));
  const std::string refused = "UNAUTHORIZED not authorized";
  for (const std::string& id : {made.credential.id, uuid_text(new_uuid()), std::string("x")}) {
    EXPECT_EQ(outcome(credentials.rotate(id, 0, as(admin({"11"})))), refused);
    EXPECT_EQ(outcome(credentials.revoke(id, as(admin({"11"})))), refused);
  }
  EXPECT_EQ(mint(made.client_id, "x"), "UNAUTHORIZED invalid client credentials");
  EXPECT_EQ(outcome(credentials.revoke(made.credential.id, as(admin({"11", "12"})))), "ok");
}

TEST_F(CredentialServiceTest, RevokingTwiceIsNoErrorAndOneLineInTheTrail) {
  const auto made = good(credentials.create({.company_ids = {"11"}}, as(oper)));
  good(credentials.revoke(made.credential.id, as(oper)));
  clock.advance(std::chrono::seconds(1));
  good(credentials.revoke(made.credential.id, as(oper)));
  EXPECT_EQ(trail(),
            (std::vector<std::string>{"operator credential.create", "operator credential.revoke"}));
  EXPECT_EQ(outcome(credentials.rotate(made.credential.id, 0, as(oper))),
            "BAD_USER_INPUT The credential is revoked.");
}

TEST_F(CredentialServiceTest, ListsThoseOfTheCompaniesThatTheUserAdministersNewestFirst) {
  const auto a = good(credentials.create({.company_ids = {"11"}}, as(oper)));
  const auto b = good(credentials.create({.company_ids = {"11", "12"}}, as(oper)));
  const auto c = good(credentials.create({.company_ids = {"13"}}, as(oper)));
  const auto ids = [&](const Principal& principal, std::optional<std::string_view> company) {
    std::vector<std::string> found;
    for (const auto& credential : good(credentials.list(*reader, principal, company))) {
      found.push_back(credential.id);
    }
    return found;
  };
  using Ids = std::vector<std::string>;
  EXPECT_EQ(ids(staff, {}), (Ids{c.credential.id, b.credential.id, a.credential.id}));
  EXPECT_EQ(ids(staff, "12"), (Ids{b.credential.id}));
  EXPECT_EQ(ids(admin({"11"}), {}), (Ids{b.credential.id, a.credential.id}));
  EXPECT_EQ(ids(admin({}), {}), Ids{});
  EXPECT_EQ(outcome(credentials.list(*reader, admin({"11"}), "12")), "UNAUTHORIZED not authorized");
}

TEST_F(CredentialServiceTest, AnAdminOfOneCompanyTakesThatCompanyAwayAlone) {
  const auto made = good(credentials.create({.company_ids = {"11", "12"}}, as(oper)));
  const std::string& id = made.credential.id;
  const std::string refused = "UNAUTHORIZED not authorized";
  const std::string of_11 = token_for(made, "11");
  const std::string of_12 = token_for(made, "12");
  EXPECT_EQ(outcome(credentials.withdraw(id, "12", as(admin({"11"})))), refused);
  EXPECT_EQ(outcome(credentials.withdraw(id, "13", as(admin({"13"})))), refused);
  EXPECT_EQ(outcome(credentials.withdraw("x", "11", as(admin({"11"})))), refused);
  EXPECT_EQ(outcome(credentials.withdraw(id, "11", as(admin({"11"})))), "ok");
  EXPECT_EQ(use(of_11), "UNAUTHENTICATED token is no longer valid");
  EXPECT_EQ(use(of_12), "ok");
  EXPECT_EQ(good(credentials.list(*reader, oper, {}))[0].company_ids,
            std::vector<std::string>{"12"});
  EXPECT_EQ(
      good(read_audit(*reader,
                      {.action = "credential.withdraw", .refused = false, .company_id = "12"}))
          .size(),
      0U);
  // Of the last company it is the end of the credential.
  EXPECT_EQ(outcome(credentials.withdraw(id, "12", as(admin({"12"})))), "ok");
  EXPECT_EQ(use(of_12), "UNAUTHENTICATED token is no longer valid");
  EXPECT_EQ(mint(made.client_id, made.client_secret), "UNAUTHORIZED invalid client credentials");
  EXPECT_EQ(outcome(credentials.withdraw(id, "12", as(admin({"12"})))), "ok");
}

// By the clock at that moment the tokens had expired.
TEST_F(CredentialServiceTest, AnEndUnderAClockThatIsAheadReachesItsTokens) {
  const auto made = good(credentials.create({.company_ids = {"11", "12"}}, as(oper)));
  const std::string of_11 = token_for(made, "11");
  const std::string of_12 = token_for(made, "12");
  const Timestamp right = clock.now();
  clock.set_calendar(right + 3 * kMicrosPerDay);
  good(credentials.withdraw(made.credential.id, "11", as(oper)));
  clock.set_calendar(right);
  EXPECT_TRUE(good(authenticator->data_principal("Token " + of_11))->scopes.empty());
  EXPECT_EQ(use(of_12), "ok");
  clock.set_calendar(right + 3 * kMicrosPerDay);
  good(credentials.revoke(made.credential.id, as(oper)));
  clock.set_calendar(right);
  EXPECT_EQ(use(of_12), "UNAUTHENTICATED token is no longer valid");
}

}  // namespace
}  // namespace matricula::auth
