#include "auth/access/role_loss.h"

#include "auth/access/user_service.h"
#include "auth/testing.h"

namespace matricula::auth {
namespace {

struct RoleLossTest : AuthFixture {
  // A person in the store, whose roles set_roles() changes by the e-mail address.
  Principal add(const std::string& email, bool is_staff, std::vector<std::string> admin_of) {
    const User user = good(users.add(
        {.email = email, .is_staff = is_staff, .admin_of = admin_of, .password = "correct horse"},
        as(oper)));
    return {.kind = PrincipalKind::kUser,
            .user_id = *parse_uuid(user.id),
            .is_staff = is_staff,
            .admin_of = std::move(admin_of)};
  }
  NewToken token(const Principal& maker, std::vector<std::string> companies) {
    return good(tokens.create({.description = "", .company_ids = std::move(companies)}, as(maker)));
  }
  std::vector<std::string> companies_of(const NewToken& token) {
    std::vector<std::string> companies;
    for (const Scope& scope :
         good(authenticator->data_principal("Token " + token.unredacted_token))->scopes) {
      companies.push_back(scope.company_id);
    }
    return companies;
  }

  using Companies = std::vector<std::string>;
  const std::string ended = "UNAUTHENTICATED token is no longer valid";
  PasswordHasher hasher;
  UserService users{store.database(), hasher, refusals, clock};
};

TEST_F(RoleLossTest, AnAdminsTokensReadNothingOfACompanyThatWasTakenAway) {
  const Principal user = add("a@example.org", false, {"11", "12"});
  const NewToken one = token(user, {"11"});
  const NewToken both = token(user, {"11", "12"});
  const NewToken other = token(user, {"12"});
  const NewToken of_staff = token(staff, {"11"});
  EXPECT_EQ(use(one.unredacted_token), "ok");

  good(users.set_roles("a@example.org", false, {"12"}, as(oper)));
  EXPECT_EQ(use(one.unredacted_token), ended);
  EXPECT_EQ(companies_of(both), Companies{"12"});
  EXPECT_EQ(companies_of(other), Companies{"12"});
  EXPECT_EQ(companies_of(of_staff), Companies{"11"});
  const auto rows = good(read_audit(*reader, {.company_id = "11", .rows_max = 2}));
  ASSERT_EQ(rows.size(), 2U);
  for (const AuditRow& row : rows) {
    EXPECT_EQ(row.detail, "a role was taken away");
    EXPECT_EQ(row.actor_kind, "operator");
  }
}

TEST_F(RoleLossTest, WithoutAnyRoleLeftEveryTokenOfThePersonEnds) {
  const Principal user = add("a@example.org", false, {"11"});
  const NewToken plain = token(user, {});
  const NewToken one = token(user, {"11"});
  good(tokens.add_scope(plain.token.id, ScopeType::kCatalogCompany, "12", as(staff)));
  good(users.set_roles("a@example.org", false, {}, as(oper)));
  EXPECT_EQ(use(plain.unredacted_token), ended);
  EXPECT_EQ(use(one.unredacted_token), ended);
}

TEST_F(RoleLossTest, ScopesThatStaffAddedEndWithTheirRole) {
  const Principal helper = add("s@example.org", true, {});
  const Principal user = admin({"11"});
  const NewToken of_user = token(user, {"11"});
  const auto credential = good(credentials.create({.company_ids = {"11"}}, as(user)));
  const NewToken generated = good(tokens.generate(
      *reader, {.client_id = credential.client_id, .client_secret = credential.client_secret},
      as(anonymous)));
  good(tokens.add_scope(of_user.token.id, ScopeType::kCompany, "12", as(helper)));
  good(tokens.add_scope(generated.token.id, ScopeType::kCompany, "12", as(helper)));
  good(tokens.add_scope(of_user.token.id, ScopeType::kCompany, "13", as(helper)));

  good(users.set_roles("s@example.org", false, {"13"}, as(oper)));
  EXPECT_EQ(companies_of(of_user), (Companies{"11", "13"}));
  EXPECT_EQ(companies_of(generated), Companies{"11"});
}

TEST_F(RoleLossTest, ScopesThatStaffAddedEndWithTheirLastRoleToo) {
  const Principal helper = add("s@example.org", true, {});
  const NewToken of_other = token(admin({"11"}), {"11"});
  good(tokens.add_scope(of_other.token.id, ScopeType::kCompany, "13", as(helper)));
  good(users.set_roles("s@example.org", false, {"13"}, as(oper)));
  EXPECT_EQ(companies_of(of_other), (Companies{"11", "13"}));
  good(users.set_roles("s@example.org", false, {}, as(oper)));
  EXPECT_EQ(companies_of(of_other), Companies{"11"});
}

TEST_F(RoleLossTest, TokensThatAClockAheadTookForExpiredEndWithoutALineEach) {
  const Principal user = add("a@example.org", false, {"11"});
  const NewToken one = token(user, {"11"});
  const Timestamp right = clock.now();
  clock.set_calendar(right + 100 * kMicrosPerDay);
  good(users.set_roles("a@example.org", false, {}, as(oper)));
  clock.set_calendar(right);
  EXPECT_EQ(use(one.unredacted_token), ended);
  EXPECT_TRUE(good(read_audit(*reader, {.action = "token.revoke"})).empty());
}

TEST_F(RoleLossTest, StaffAndUnchangedRolesKeepEverything) {
  const Principal user = add("a@example.org", false, {"11"});
  const NewToken one = token(user, {"11"});
  good(users.set_roles("a@example.org", false, {"11"}, as(oper)));
  good(users.set_roles("a@example.org", true, {}, as(oper)));
  EXPECT_EQ(companies_of(one), Companies{"11"});
  good(users.set_roles("a@example.org", false, {"12"}, as(oper)));
  EXPECT_EQ(use(one.unredacted_token), ended);
}

TEST_F(RoleLossTest, WhoIsRemovedLeavesNoTokenAndACredentialStaysItsCompanys) {
  const Principal user = add("a@example.org", false, {"11"});
  const NewToken one = token(user, {"11"});
  const auto credential = good(credentials.create({.company_ids = {"11"}}, as(user)));
  good(users.remove("a@example.org", as(oper)));
  EXPECT_EQ(use(one.unredacted_token), ended);
  EXPECT_EQ(
      outcome(tokens.generate(
          *reader, {.client_id = credential.client_id, .client_secret = credential.client_secret},
          as(anonymous))),
      "ok");
}

}  // namespace
}  // namespace matricula::auth
