#include "auth/access/key_names.h"

#include "auth/testing.h"

namespace matricula::auth {
namespace {

struct KeyNamesTest : AuthFixture {
  std::optional<KeyName> name(const Principal& viewer, std::string_view company,
                              const std::string& id) {
    return good(key_name(*reader, viewer, company, *parse_uuid(id)));
  }
};

TEST_F(KeyNamesTest, TheDescriptionElseWhatIsShownOfTheSecret) {
  const Principal viewer = admin({"11"});
  const auto described =
      good(credentials.create({.company_ids = {"11"}, .description = "Nightly"}, as(viewer)));
  const auto plain = good(credentials.create({.company_ids = {"11"}}, as(viewer)));
  const auto token =
      good(tokens.create({.description = "Trial", .company_ids = {"11"}}, as(viewer)));
  EXPECT_EQ(name(viewer, "11", described.credential.id), (KeyName{true, "Nightly"}));
  EXPECT_EQ(name(viewer, "11", plain.credential.id), (KeyName{true, plain.client_id}));
  EXPECT_EQ(name(viewer, "11", token.token.id), (KeyName{false, "Trial"}));
  EXPECT_EQ(name(viewer, "11", "00000000-0000-4000-8000-000000000000"), std::nullopt);
}

TEST_F(KeyNamesTest, ATokenThatEverReadAnotherCompanyIsNamedByItsRedactedText) {
  const auto made =
      good(tokens.create({.description = "11 and 12", .company_ids = {"11", "12"}}, as(oper)));
  const std::string& other =
      made.token.scopes[0].scope_key == "12" ? made.token.scopes[0].id : made.token.scopes[1].id;
  EXPECT_EQ(name(admin({"11", "12"}), "11", made.token.id), (KeyName{false, "11 and 12"}));
  const KeyName redacted{false, made.token.redacted_token};
  EXPECT_EQ(name(admin({"11"}), "11", made.token.id), redacted);
  good(tokens.remove_scope(made.token.id, other, as(oper)));
  EXPECT_EQ(name(admin({"11"}), "11", made.token.id), redacted);
}

TEST_F(KeyNamesTest, ATokenOfAnotherCompanyHasNoName) {
  const auto foreign =
      good(tokens.create({.description = "For 12", .company_ids = {"12"}}, as(oper)));
  const auto unscoped = good(tokens.create({.description = "For none"}, as(oper)));
  EXPECT_EQ(name(admin({"11"}), "11", foreign.token.id), std::nullopt);
  EXPECT_EQ(name(staff, "11", unscoped.token.id), std::nullopt);
}

TEST_F(KeyNamesTest, ACredentialThatWasTakenAwayIsNamedByItsClientId) {
  const auto both =
      good(credentials.create({.company_ids = {"11", "12"}, .description = "For both"}, as(oper)));
  const Principal viewer = admin({"11"});
  EXPECT_EQ(name(viewer, "11", both.credential.id), (KeyName{true, "For both"}));
  good(credentials.withdraw(both.credential.id, "11", as(viewer)));
  EXPECT_EQ(name(viewer, "11", both.credential.id), (KeyName{true, both.client_id}));
}

}  // namespace
}  // namespace matricula::auth
