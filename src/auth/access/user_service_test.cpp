#include "auth/access/user_service.h"

#include "auth/authentication/sessions.h"
#include "auth/schema/store.h"
#include "auth/testing.h"
#include "base/escape.h"

namespace matricula::auth {
namespace {

const storage::Statement kAddProgress(
    "INSERT INTO program_progress(company_id, user_id, program_key, program_version, program_type,"
    " enrollment_status, enrolled_at, learner_hours, completion_percentage,"
    " projects_required_total, projects_required_completed, on_track_status, updated_at, email_key,"
    " title_key) VALUES ('11', ?1, 'p', '1', 'COURSE', 'ENROLLED', 0, 0.0, 0.0, 0, 0, 'ON_TRACK',"
    " 0, 'x', 'x')");
const storage::Statement kSearch("SELECT COUNT(*) FROM users WHERE instr(search, 'lovelace') > 0");

struct UserServiceTest : AuthFixture {
  Result<User> add(const std::string& email, std::vector<std::string> admin_of = {}) {
    return users.add({.email = email,
                      .first_name = "Ada",
                      .last_name = "Lovelace",
                      .admin_of = std::move(admin_of),
                      .password = "correct horse"},
                     as(oper));
  }
  std::int64_t found_by_search() {
    std::int64_t found = 0;
    good(each_row(*reader, kSearch, {},
                  [&](const storage::Rows& rows) { found = rows.integer(0); }));
    return found;
  }

  PasswordHasher hasher;
  UserService users{store.database(), hasher, refusals, clock};
};

TEST_F(UserServiceTest, AddsAPersonWhoIsFoundBySearchToo) {
  const User user = good(add("Ada@example.org", {"12"}));
  EXPECT_EQ(user.email, "Ada@example.org");
  EXPECT_EQ(user.is_staff, false);
  EXPECT_EQ(user.has_password, true);
  ASSERT_EQ(user.admin_of.size(), 1U);
  EXPECT_EQ(user.admin_of[0].id, "12");
  EXPECT_EQ(found_by_search(), 1);
  EXPECT_EQ(trail(), std::vector<std::string>{"operator user.add"});
}

TEST_F(UserServiceTest, AnAddressThatExistsInAnyCaseIsRefusedAndTheRemedyNamed) {
  good(add("ada@example.org"));
  EXPECT_EQ(outcome(add("ADA@Example.org")),
            "CONFLICT A user with the e-mail address \"ada@example.org\" exists: give them a "
            "password with `matricula user set-password`.");
}

TEST_F(UserServiceTest, TakesTheAddressesThatAnImportTakes) {
  EXPECT_EQ(good(add("\"ada@home\"@example.org")).email, "\"ada@home\"@example.org");
  EXPECT_EQ(good(add("a@b@c")).email, "a@b@c");
}

TEST_F(UserServiceTest, RefusesWhatIsNoAddressNoPasswordOrNoCompany) {
  for (const std::string email : {"", "ada", "@example.org", "ada@", "a b@c", "a@b@", "a@\x01"}) {
    EXPECT_EQ(outcome(add(email)), "BAD_USER_INPUT " + json_string(email) +
                                       " is not an e-mail address such as ada@example.com.");
  }
  EXPECT_EQ(outcome(users.add({.email = "a@b", .password = "short"}, as(oper))),
            "BAD_USER_INPUT A password must have 8 to 1024 bytes.");
  EXPECT_EQ(outcome(add("a@b", {"99"})), "BAD_USER_INPUT There is no company \"99\".");
  EXPECT_EQ(good(users.list(*reader)).size(), 0U);
}

TEST_F(UserServiceTest, IsForStaffAndTheOperator) {
  const std::string refused = "UNAUTHORIZED not authorized";
  const Principal user = admin({"11"});
  EXPECT_EQ(outcome(users.add({.email = "a@b", .password = "long enough"}, as(user))), refused);
  EXPECT_EQ(outcome(users.set_password("a@b", "long enough", as(user))), refused);
  EXPECT_EQ(outcome(users.set_roles("a@b", true, {}, as(user))), refused);
  EXPECT_EQ(outcome(users.remove("a@b", as(user))), refused);
  EXPECT_EQ(outcome(users.add({.email = "a@b", .password = "long enough"}, as(staff))), "ok");
  EXPECT_EQ(trail().size(), 5U);
}

TEST_F(UserServiceTest, RolesHoldInPlaceOfThoseBefore) {
  good(add("b@example.org", {"11"}));
  good(add("a@example.org"));
  good(users.set_roles("B@example.org", true, {"12", "13"}, as(oper)));
  const auto all = good(users.list(*reader));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].email, "a@example.org");
  EXPECT_EQ(all[1].is_staff, true);
  ASSERT_EQ(all[1].admin_of.size(), 2U);
  EXPECT_EQ(all[1].admin_of[1].slug, "13");
  EXPECT_EQ(outcome(users.set_roles("c@example.org", true, {}, as(oper))),
            "NOT_FOUND There is no user with the e-mail address \"c@example.org\".");
}

TEST_F(UserServiceTest, EachCompanyFindsInItsTrailWhatBecameOfItsAdmins) {
  using Companies = std::vector<std::string>;
  good(add("a@example.org", {"11", "12"}));
  good(users.set_roles("a@example.org", false, {"12", "13"}, as(oper)));
  good(users.set_password("a@example.org", "another horse", as(oper)));
  good(users.remove("a@example.org", as(oper)));
  const auto companies = [&](const char* action) {
    return good(read_audit(*reader, {.action = action})).at(0).companies;
  };
  EXPECT_EQ(companies("user.setRoles"), (Companies{"11", "12", "13"}));
  // "11" does not learn that the person administers others.
  EXPECT_EQ(good(read_audit(*reader, {.action = "user.setRoles"})).at(0).detail, "");
  EXPECT_EQ(companies("user.setPassword"), (Companies{"12", "13"}));
  EXPECT_EQ(companies("user.remove"), (Companies{"12", "13"}));
}

TEST_F(UserServiceTest, ANewPasswordEndsTheSessions) {
  const User user = good(add("a@example.org"));
  const SessionInsert session{.id = new_uuid(),
                              .digest = secrets.digest(DigestKind::kSession, "x"),
                              .user_id = *parse_uuid(user.id),
                              .created_at = clock.now(),
                              .expires_at = clock.now() + 1'000'000};
  good(store.database().write(
      [&](storage::Session& writer) { return insert_session(writer, session); }));
  EXPECT_NE(good(session_principal(*reader, session.id, clock.now())), nullptr);
  good(users.set_password("A@example.org", "another horse", as(oper)));
  EXPECT_EQ(good(session_principal(*reader, session.id, clock.now())), nullptr);
}

TEST_F(UserServiceTest, RemovalTakesAccessAndTokensAndTheRecordToo) {
  const User user = good(add("a@example.org", {"11"}));
  const Principal principal{
      .kind = PrincipalKind::kUser, .user_id = *parse_uuid(user.id), .admin_of = {"11"}};
  const auto token = good(tokens.create({.description = ""}, as(principal)));
  good(users.remove("a@example.org", as(oper)));
  EXPECT_EQ(use(token.unredacted_token), "UNAUTHENTICATED token is no longer valid");
  EXPECT_EQ(good(users.list(*reader)).size(), 0U);
  EXPECT_EQ(found_by_search(), 0);
  EXPECT_EQ(outcome(add("a@example.org")), "ok");
}

TEST_F(UserServiceTest, APersonWithProgressStaysAsARecord) {
  const User user = good(add("a@example.org"));
  const Uuid id = *parse_uuid(user.id);
  good(store.database().write([&](storage::Session& session) -> Result<void> {
    MATRICULA_CHECK(run(session, kAddProgress, {id.bytes()}));
    return {};
  }));
  good(users.remove("a@example.org", as(oper)));
  EXPECT_EQ(good(users.list(*reader)).size(), 0U);
  EXPECT_EQ(found_by_search(), 1);
  EXPECT_EQ(outcome(users.set_password("a@example.org", "another horse", as(oper))), "ok");
}

TEST_F(UserServiceTest, MeIsTheLoggedInUser) {
  const User user = good(add("a@example.org"));
  const Principal principal{.kind = PrincipalKind::kUser, .user_id = *parse_uuid(user.id)};
  EXPECT_EQ(good(users.me(*reader, principal)).email, "a@example.org");
  EXPECT_EQ(outcome(users.me(*reader, oper)), "UNAUTHORIZED not authorized");
}

}  // namespace
}  // namespace matricula::auth
