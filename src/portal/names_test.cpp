#include "portal/names.h"

#include "auth/schema/store.h"
#include "portal/testing.h"

namespace matricula::portal {
namespace {

using auth::good;

const storage::Statement kAddUser(
    "INSERT INTO users(id, email, email_key, first_name, last_name, search)"
    " VALUES (?1, ?2, ?2, 'Ada', 'Lovelace', ?2)");

struct NamesTest : ApiFixture {
  using Named = std::pair<std::string, std::optional<std::string>>;

  // Of a line of the trail: the actor's name and the target's.
  Named named(const auth::Principal& viewer, const auth::AuditRow& row) {
    Names names(*reader, viewer, company);
    return {good(names.actor(row)), good(names.target(row))};
  }
  static auth::AuditRow row(std::string actor_kind, std::string actor_id, std::string action,
                            std::string target) {
    auth::AuditRow row;
    row.actor_kind = std::move(actor_kind);
    row.actor_id = std::move(actor_id);
    row.action = std::move(action);
    row.target = std::move(target);
    return row;
  }

  auth::Company company{.id = "11", .slug = "11", .name = "Eleven"};
};

TEST_F(NamesTest, PeopleKeysAndTheCompanyHaveNames) {
  const auth::Principal viewer = admin({"11"});
  const std::string email = "ada@example.org";
  good(store.database().write([&](storage::Session& session) -> Result<void> {
    MATRICULA_CHECK(auth::run(session, kAddUser, {viewer.user_id.bytes(), email}));
    return {};
  }));
  const auto made =
      good(credentials.create({.company_ids = {"11"}, .description = "Nightly"}, as(viewer)));
  const auto token =
      good(tokens.create({.description = "Trial", .company_ids = {"11"}}, as(viewer)));
  const std::string user = auth::uuid_text(viewer.user_id);
  const std::string& credential_id = made.credential.id;
  EXPECT_EQ(named(viewer, row("user", user, "credential.create", credential_id)),
            (Named{email, "Nightly"}));
  EXPECT_EQ(named(viewer, row("credential", credential_id, "token.generate", token.token.id)),
            (Named{"credential Nightly", "Trial"}));
  EXPECT_EQ(named(viewer, row("operator", "", "user.setRoles", user)), (Named{"operator", email}));
  EXPECT_EQ(named(viewer, row("token", token.token.id, "limits.set", "11")),
            (Named{"token Trial", "Eleven"}));
}

TEST_F(NamesTest, WhatIsUnknownKeepsItsId) {
  const std::string id = "00000000-0000-4000-8000-000000000000";
  EXPECT_EQ(named(staff, row("user", id, "user.remove", id)), (Named{"user " + id, std::nullopt}));
  EXPECT_EQ(named(staff, row("anonymous", "", "token.generate", "")),
            (Named{"anonymous", std::nullopt}));
}

}  // namespace
}  // namespace matricula::portal
