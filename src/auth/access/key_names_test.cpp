#include "auth/access/key_names.h"

#include "auth/testing.h"

namespace matricula::auth {
namespace {

struct KeyNamesTest : AuthFixture {
  std::optional<KeyName> name(const Principal& viewer, std::string_view company,
                              const std::string& id) {
    const Uuid wanted = *parse_uuid(id);
    const auto found = good(key_names(*reader, viewer, company, std::span(&wanted, 1)));
    return found.empty() ? std::nullopt : std::optional(found.at(wanted));
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

TEST_F(KeyNamesTest, ManyAreLookedUpAtOnce) {
  const Principal viewer = admin({"11"});
  std::vector<Uuid> ids;
  for (int i = 0; i < 100; ++i) {
    const std::string description = "Number " + std::to_string(i);
    ids.push_back(*parse_uuid(
        i % 2 == 0
            ? good(
                  credentials.create({.company_ids = {"11"}, .description = description}, as(oper)))
                  .credential.id
            : good(tokens.create({.description = description, .company_ids = {"11"}}, as(oper)))
                  .token.id));
    ids.push_back(new_uuid());
  }
  const auto found = good(key_names(*reader, viewer, "11", ids));
  EXPECT_EQ(found.size(), 100U);
  EXPECT_EQ(found.at(ids[0]), (KeyName{true, "Number 0"}));
  EXPECT_EQ(found.at(ids[198]), (KeyName{false, "Number 99"}));
  EXPECT_TRUE(good(key_names(*reader, viewer, "11", {})).empty());
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
