#include "auth/secrets/secret_text.h"
#include "auth/testing.h"
#include "base/time_text.h"

namespace matricula::auth {
namespace {

constexpr auto kRefused = "UNAUTHORIZED not authorized";

struct TokenServiceTest : AuthFixture {};

TEST_F(TokenServiceTest, AUserMakesATokenWithoutScope) {
  const Principal user = admin({"11"});
  const NewToken made = good(tokens.create({.description = "laptop"}, as(user)));
  EXPECT_EQ(made.expires_in, 90 * 86'400);
  EXPECT_EQ(made.primary_scope.has_value(), false);
  EXPECT_EQ(made.token.created_by, uuid_text(user.user_id));
  EXPECT_EQ(made.token.credential_id, std::nullopt);
  EXPECT_EQ(made.token.description, "laptop");
  EXPECT_EQ(use(made.unredacted_token), "ok");
}

TEST_F(TokenServiceTest, ATokenNeedsARoleBehindIt) {
  EXPECT_EQ(outcome(tokens.create({.description = ""}, as(admin({})))), kRefused);
  EXPECT_EQ(outcome(tokens.create({.description = ""}, as(staff))), "ok");
  // The role is gone since the request was authenticated.
  Principal former = admin({});
  former.admin_of = {"11"};
  EXPECT_EQ(outcome(tokens.create({.description = "", .company_ids = {"11"}}, as(former))),
            kRefused);
  EXPECT_EQ(outcome(credentials.create({.company_ids = {"11"}}, as(former))), kRefused);
}

TEST_F(TokenServiceTest, ATokenExpiresUnlessNeverIsAskedFor) {
  const auto expires_in = [&](TokenService& service, CreateToken input) {
    return good(service.create(input, as(staff))).expires_in;
  };
  EXPECT_EQ(expires_in(tokens, {.description = ""}), 90 * 86'400);
  EXPECT_EQ(expires_in(tokens, {.description = "", .never_expires = true}), std::nullopt);
  EXPECT_EQ(expires_in(tokens, {.description = "", .expires_at = clock.now() + 5'000'000}), 5);
  TokenService week(store.database(), secrets, refusals, clock, {.default_days = 7});
  EXPECT_EQ(expires_in(week, {.description = ""}), 7 * 86'400);
  TokenService forever(store.database(), secrets, refusals, clock, {.default_days = 0});
  EXPECT_EQ(expires_in(forever, {.description = ""}), std::nullopt);
}

TEST_F(TokenServiceTest, AUsersLiveTokensHaveALimit) {
  TokenService few(store.database(), secrets, refusals, clock, {.live_of_user_max = 2});
  const Principal user = admin({"11"});
  const std::string full =
      "BAD_USER_INPUT You have 2 live tokens, the limit \"tokens-per-user\" of this server: revoke "
      "one, or wait until one expires.";
  const auto first = good(few.create({.description = ""}, as(user)));
  good(few.create({.description = "", .expires_at = clock.now() + 1'000'000}, as(user)));
  EXPECT_EQ(outcome(few.create({.description = ""}, as(user))), full);
  EXPECT_EQ(outcome(few.create({.description = ""}, as(staff))), "ok");
  // One that was revoked, and one that expired, make room.
  good(few.revoke(first.token.id, as(user)));
  EXPECT_EQ(outcome(few.create({.description = ""}, as(user))), "ok");
  EXPECT_EQ(outcome(few.create({.description = ""}, as(user))), full);
  clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(outcome(few.create({.description = ""}, as(user))), "ok");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(outcome(few.create({.description = ""}, as(oper))), "ok");
  }
}

TEST_F(TokenServiceTest, MayBeForSoManyCompaniesAndNotOneMore) {
  CreateToken input{.description = "",
                    .company_ids = std::vector<std::string>(kTokenCompaniesMax, "11")};
  EXPECT_EQ(outcome(tokens.create(input, as(oper))), "ok");
  input.company_ids.emplace_back("11");
  EXPECT_EQ(outcome(tokens.create(input, as(oper))),
            "BAD_USER_INPUT A token may be for at most 1000 companies.");
}

TEST_F(TokenServiceTest, ACredentialsLiveTokensHaveALimit) {
  TokenService few(store.database(), secrets, refusals, clock, {.live_of_credential_max = 2});
  const auto made = good(credentials.create({.company_ids = {"11"}}, as(oper)));
  const auto generate = [&](const std::string& secret) {
    return outcome(few.generate(*reader, {.client_id = made.client_id, .client_secret = secret},
                                as(anonymous)));
  };
  EXPECT_EQ(generate(made.client_secret), "ok");
  EXPECT_EQ(generate(made.client_secret), "ok");
  EXPECT_EQ(generate(made.client_secret),
            "BAD_USER_INPUT The client credential has 2 live tokens, the limit "
            "\"tokens-per-credential\" of this server: use a token until it expires, or revoke "
            "tokens.");
  // A wrong secret does not tell of the limit.
  EXPECT_EQ(generate(new_client_secret()), "UNAUTHORIZED invalid client credentials");
  clock.advance(std::chrono::hours(1));
  EXPECT_EQ(generate(made.client_secret), "ok");
}

TEST_F(TokenServiceTest, AnExpiryIsOneThatCanBeWritten) {
  EXPECT_EQ(outcome(tokens.create({.description = "", .expires_at = kTimeMax}, as(oper))), "ok");
  EXPECT_EQ(outcome(tokens.create({.description = "", .expires_at = kTimeMax + 1}, as(oper))),
            "BAD_USER_INPUT expiresAt may be in the year 9999 at the latest.");
}

TEST_F(TokenServiceTest, AnAdminMayScopeATokenToTheirCompanyAlone) {
  const auto made =
      good(tokens.create({.description = "", .company_ids = {"11"}}, as(admin({"11"}))));
  EXPECT_EQ(made.primary_scope->scope_key, "11");
  EXPECT_EQ(outcome(tokens.create({.description = "", .company_ids = {"12"}}, as(admin({"11"})))),
            kRefused);
  EXPECT_EQ(outcome(tokens.create({.description = "", .company_ids = {"99"}}, as(staff))),
            "BAD_USER_INPUT There is no company \"99\".");
  EXPECT_EQ(outcome(tokens.create({.description = ""}, as(anonymous))), kRefused);
}

TEST_F(TokenServiceTest, SecondsToAFarExpiryFitTheSchemasInt) {
  const std::int64_t most = std::numeric_limits<std::int32_t>::max();
  const auto expires_in = [&](std::int64_t seconds) {
    return good(tokens.create({.description = "", .expires_at = clock.now() + seconds * 1'000'000},
                              as(oper)))
        .expires_in;
  };
  EXPECT_EQ(expires_in(most), most);
  EXPECT_EQ(expires_in(most + 1), most);
}

TEST_F(TokenServiceTest, ExpiryMustBeInTheFutureAndHoldsToTheMicrosecond) {
  EXPECT_EQ(outcome(tokens.create({.description = "", .expires_at = clock.now()}, as(oper))),
            "BAD_USER_INPUT expiresAt must be in the future.");
  const auto made =
      good(tokens.create({.description = "", .expires_at = clock.now() + 2'000'000}, as(oper)));
  EXPECT_EQ(made.expires_in, 2);
  clock.advance(std::chrono::microseconds(1'999'999));
  EXPECT_EQ(use(made.unredacted_token), "ok");
  clock.advance(std::chrono::microseconds(1));
  EXPECT_EQ(use(made.unredacted_token), "UNAUTHENTICATED token is no longer valid");
}

TEST_F(TokenServiceTest, MakerAndStaffRevokeAndNobodyElse) {
  const Principal maker = admin({"11"});
  const auto one = good(tokens.create({.description = ""}, as(maker)));
  EXPECT_EQ(outcome(tokens.revoke(one.token.id, as(admin({"11"})))), kRefused);
  EXPECT_EQ(outcome(tokens.revoke(uuid_text(new_uuid()), as(staff))), kRefused);
  EXPECT_EQ(outcome(tokens.revoke("no id", as(staff))), kRefused);
  EXPECT_EQ(use(one.unredacted_token), "ok");
  EXPECT_EQ(outcome(tokens.revoke(one.token.id, as(maker))), "ok");
  EXPECT_EQ(use(one.unredacted_token), "UNAUTHENTICATED token is no longer valid");
  EXPECT_EQ(outcome(tokens.revoke(one.token.id, as(maker))), "ok");
  const auto two = good(tokens.create({.description = ""}, as(maker)));
  EXPECT_EQ(outcome(tokens.revoke(two.token.id, as(staff))), "ok");
}

TEST_F(TokenServiceTest, AdminsOfACompanyEndWhatATokenReadsOfIt) {
  const auto own = good(tokens.create({.description = "", .company_ids = {"11"}}, as(staff)));
  EXPECT_EQ(outcome(tokens.revoke(own.token.id, as(admin({"12"})))), kRefused);
  EXPECT_EQ(use(own.unredacted_token), "ok");
  EXPECT_EQ(outcome(tokens.revoke(own.token.id, as(admin({"11"})))), "ok");
  EXPECT_EQ(use(own.unredacted_token), "UNAUTHENTICATED token is no longer valid");

  const auto both =
      good(tokens.create({.description = "", .company_ids = {"11", "12"}}, as(staff)));
  const Principal user = admin({"11"});
  EXPECT_EQ(outcome(tokens.revoke(both.token.id, as(user))), "ok");
  EXPECT_EQ(good(authenticator->data_principal("Token " + both.unredacted_token))->scopes,
            (std::vector<Scope>{{ScopeType::kCompany, "12"}}));
  EXPECT_EQ(outcome(tokens.revoke(both.token.id, as(user))), "ok");
  // The other company's trail does not have it.
  EXPECT_EQ(good(read_audit(*reader, {.action = "token.revoke", .company_id = "12"})).size(), 0U);
  EXPECT_EQ(good(read_audit(*reader, {.action = "token.revoke", .company_id = "11"})).size(), 2U);
}

TEST_F(TokenServiceTest, ScopesAreStaffsToChangeAndHoldFromTheNextRequestOn) {
  const Principal maker = admin({"11"});
  const auto made = good(tokens.create({.description = ""}, as(maker)));
  const std::string& id = made.token.id;
  EXPECT_EQ(outcome(tokens.add_scope(id, ScopeType::kCompany, "11", as(maker))), kRefused);

  const Token added = good(tokens.add_scope(id, ScopeType::kCatalogCompany, "12", as(staff)));
  ASSERT_EQ(added.scopes.size(), 1U);
  const std::string scope_id = added.scopes[0].id;
  EXPECT_EQ(good(authenticator->data_principal("Token " + made.unredacted_token))->scopes,
            (std::vector<Scope>{{ScopeType::kCatalogCompany, "12"}}));

  EXPECT_EQ(outcome(tokens.remove_scope(id, scope_id, as(maker))), kRefused);
  EXPECT_EQ(outcome(tokens.remove_scope(id, uuid_text(new_uuid()), as(staff))), kRefused);
  clock.advance(std::chrono::seconds(5));
  const Token removed = good(tokens.remove_scope(id, scope_id, as(staff)));
  EXPECT_EQ(removed.scopes.size(), 0U);
  ASSERT_EQ(removed.scopes_history.size(), 2U);
  EXPECT_EQ(removed.scopes_history[0].action, ScopeActionType::kAdded);
  EXPECT_EQ(removed.scopes_history[1].action, ScopeActionType::kRemoved);
  EXPECT_EQ(removed.scopes_history[1].updated_by, uuid_text(staff.user_id));
  EXPECT_EQ(removed.scopes_history[1].updated_at, clock.now());
  EXPECT_EQ(removed.scopes_history[1].scope.deleted_at, clock.now());
  EXPECT_EQ(removed.updated_at, clock.now());
  EXPECT_TRUE(
      good(authenticator->data_principal("Token " + made.unredacted_token))->scopes.empty());
}

TEST_F(TokenServiceTest, AScopeInForceIsNotAddedTwiceAndMayComeBack) {
  const auto made = good(tokens.create({.description = "", .company_ids = {"11"}}, as(staff)));
  const Token twice = good(tokens.add_scope(made.token.id, ScopeType::kCompany, "11", as(staff)));
  EXPECT_EQ(twice.scopes_history.size(), 1U);
  good(tokens.remove_scope(made.token.id, twice.scopes[0].id, as(staff)));
  const Token again = good(tokens.add_scope(made.token.id, ScopeType::kCompany, "11", as(staff)));
  EXPECT_EQ(again.scopes.size(), 1U);
  EXPECT_NE(again.scopes[0].id, twice.scopes[0].id);
  EXPECT_EQ(again.scopes_history.size(), 3U);
  EXPECT_EQ(outcome(tokens.add_scope(made.token.id, ScopeType::kCompany, "99", as(staff))),
            "BAD_USER_INPUT There is no company \"99\".");
}

TEST_F(TokenServiceTest, TheTrailOfAScopeIsItsCompanysAndSaysWhatChanged) {
  const auto made =
      good(tokens.create({.description = "", .company_ids = {"11", "12"}}, as(staff)));
  const std::string& id = made.token.id;
  const std::string of_11 = made.token.scopes[0].id;
  good(tokens.remove_scope(id, of_11, as(staff)));
  good(tokens.remove_scope(id, of_11, as(staff)));
  good(tokens.add_scope(id, ScopeType::kCompany, "12", as(staff)));
  const auto lines = [&](const char* action) {
    std::vector<std::vector<std::string>> found;
    for (const AuditRow& row : good(read_audit(*reader, {.action = action}))) {
      found.push_back(row.companies);
    }
    return found;
  };
  EXPECT_EQ(lines("token.removeScope"), (std::vector<std::vector<std::string>>{{"11"}}));
  EXPECT_TRUE(lines("token.addScope").empty());
}

TEST_F(TokenServiceTest, OfAPersonsEndedTokensTheNewestAreKept) {
  TokenService few(store.database(), secrets, refusals, clock, {.live_of_user_max = 2});
  const Principal user = admin({"11"});
  const auto live = good(few.create({.description = "", .company_ids = {"11"}}, as(user)));
  constexpr std::size_t kKept = 2 * TokenLimits::kKeptOfUserFactor;
  for (std::size_t i = 0; i < 2 * kKept; ++i) {
    good(few.create({.description = "", .expires_at = clock.now() + 1}, as(user)));
    clock.advance(std::chrono::microseconds(1));
  }
  const auto kept = good(few.list(*reader, user));
  EXPECT_EQ(kept.size(), kKept + 1);
  EXPECT_EQ(kept.back().id, live.token.id);
  EXPECT_EQ(use(live.unredacted_token), "ok");
}

TEST_F(TokenServiceTest, ListsTheUsersOwnTokensNewestFirst) {
  const Principal user = admin({"11"});
  const auto one = good(tokens.create({.description = "one"}, as(user)));
  const auto two = good(tokens.create({.description = "two", .company_ids = {"11"}}, as(user)));
  good(tokens.create({.description = "foreign"}, as(staff)));
  const auto found = good(tokens.list(*reader, user));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].id, two.token.id);
  EXPECT_EQ(found[1].id, one.token.id);
  EXPECT_EQ(good(tokens.list_all(*reader, {})).size(), 3U);
  EXPECT_EQ(good(tokens.list_all(*reader, "11")).size(), 1U);
}

TEST_F(TokenServiceTest, EveryChangeLeavesALineInTheTrailWithWhoWhereAndWhat) {
  const Principal user = admin({"11"});
  const auto made = good(tokens.create({.description = "", .company_ids = {"11"}}, as(user)));
  EXPECT_EQ(outcome(tokens.revoke(made.token.id, as(admin({})))), kRefused);
  good(tokens.revoke(made.token.id, as(user)));
  EXPECT_EQ(trail(), (std::vector<std::string>{"user token.create", "user token.revoke",
                                               "user token.revoke refused"}));
  const auto rows = good(read_audit(*reader, {.action = "token.create"}));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].actor_id, uuid_text(user.user_id));
  EXPECT_EQ(rows[0].address, "192.0.2.1");
  EXPECT_EQ(rows[0].target, made.token.id);
  EXPECT_EQ(rows[0].companies, std::vector<std::string>{"11"});
  EXPECT_EQ(rows[0].at, clock.now());
}

TEST_F(TokenServiceTest, TheTrailIsFiltered) {
  const auto made = good(tokens.create({.description = ""}, as(staff)));
  clock.advance(std::chrono::seconds(10));
  good(tokens.revoke(made.token.id, as(oper)));
  const auto count = [&](const AuditFilter& filter) {
    return good(read_audit(*reader, filter)).size();
  };
  EXPECT_EQ(count({}), 2U);
  EXPECT_EQ(count({.action = "token."}), 2U);
  EXPECT_EQ(count({.action = "token"}), 0U);
  EXPECT_EQ(count({.action = "token.revoke"}), 1U);
  EXPECT_EQ(count({.from = clock.now()}), 1U);
  EXPECT_EQ(count({.to = clock.now()}), 1U);
  EXPECT_EQ(count({.actor_id = uuid_text(staff.user_id)}), 1U);
  EXPECT_EQ(count({.target = made.token.id}), 2U);
  EXPECT_EQ(count({.refused = true}), 0U);
  EXPECT_EQ(count({.rows_max = 1}), 1U);
}

TEST_F(TokenServiceTest, ALineOfTheTrailNamesTheCompaniesThatItConcerns) {
  const auto made = good(tokens.create({.description = "", .company_ids = {"11"}}, as(oper)));
  good(tokens.add_scope(made.token.id, ScopeType::kCatalogCompany, "12", as(staff)));
  good(tokens.revoke(made.token.id, as(oper)));
  const auto actions = [&](const std::string& company) {
    std::vector<std::string> found;
    for (const AuditRow& row : good(read_audit(*reader, {.company_id = company}))) {
      found.push_back(row.action);
    }
    return found;
  };
  using Actions = std::vector<std::string>;
  EXPECT_EQ(actions("11"), (Actions{"token.revoke", "token.create"}));
  EXPECT_EQ(actions("12"), (Actions{"token.revoke", "token.addScope"}));
  EXPECT_EQ(actions("13"), Actions{});
}

TEST_F(TokenServiceTest, NothingThatAClientWroteIsInTheTrail) {
  const std::string written = "0123456789abcdef0123456789abcdef";
  const Principal of_no_company = admin({});
  const Caller caller = as(of_no_company);
  EXPECT_EQ(outcome(tokens.create({.description = written, .company_ids = {written}}, caller)),
            kRefused);
  EXPECT_EQ(outcome(tokens.revoke(written, caller)), kRefused);
  EXPECT_EQ(outcome(tokens.add_scope(written, ScopeType::kCompany, written, as(staff))), kRefused);
  EXPECT_EQ(outcome(credentials.create({.company_ids = {written}}, caller)), kRefused);
  EXPECT_EQ(trail().size(), 4U);
  for (const AuditRow& row : good(read_audit(*reader, {}))) {
    EXPECT_EQ(row.target.find(written), std::string_view::npos);
    EXPECT_EQ(row.detail.find(written), std::string_view::npos);
    EXPECT_EQ(row.companies, std::vector<std::string>{});
  }
}

}  // namespace
}  // namespace matricula::auth
