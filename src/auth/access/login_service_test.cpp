#include "auth/access/login_service.h"

#include "auth/access/user_service.h"
#include "auth/authentication/sessions.h"
#include "auth/testing.h"

namespace matricula::auth {
namespace {

constexpr auto kWrong = "UNAUTHENTICATED invalid e-mail or password";
constexpr auto kHome = "192.0.2.1";

struct LoginServiceTest : AuthFixture {
  void SetUp() override {
    AuthFixture::SetUp();
    good(users.add({.email = "Ada@example.org", .admin_of = {"11"}, .password = "correct horse"},
                   as(oper)));
  }
  // `ok`, the refusal, or how long to wait.
  std::string attempt(std::string_view email, std::string_view password,
                      std::string_view address = kHome) {
    const auto answer = logins.login(*reader, email, password, address);
    return !answer || answer->allowed.admitted
               ? outcome(answer)
               : "wait " + std::to_string(answer->allowed.retry_after_seconds);
  }
  LoggedIn log_in() {
    return good(logins.login(*reader, "ada@EXAMPLE.org", "correct horse", kHome)).login;
  }
  std::string use_jwt(const LoggedIn& login) {
    return outcome(authenticator->user_principal({.authorization = "Bearer " + login.token}));
  }
  Result<std::shared_ptr<const Principal>> session_of(const LoggedIn& login) {
    return authenticator->session_principal(
        {.session_cookie = login.session_cookie, .csrf_token = login.csrf_token});
  }

  PasswordHasher hasher;
  UserService users{store.database(), hasher, refusals, clock};
  LoginService logins{store.database(), secrets, hasher, refusals, clock};
};

TEST_F(LoginServiceTest, GivesAJwtOfFifteenMinutesAndASessionOfTwelveHours) {
  const LoggedIn login = log_in();
  EXPECT_EQ(login.expires_in, 900);
  EXPECT_EQ(use_jwt(login), "ok");
  EXPECT_EQ(good(session_of(login))->admin_of, std::vector<std::string>{"11"});
  clock.advance(std::chrono::seconds(900));
  EXPECT_EQ(use_jwt(login), "UNAUTHENTICATED token is no longer valid");
  clock.advance(std::chrono::seconds(43'200 - 900) - std::chrono::microseconds(1));
  EXPECT_EQ(outcome(session_of(login)), "ok");
  clock.advance(std::chrono::microseconds(1));
  EXPECT_EQ(outcome(session_of(login)), "UNAUTHENTICATED token is no longer valid");
}

TEST_F(LoginServiceTest, WrongEmailAndWrongPasswordLookTheSame) {
  EXPECT_EQ(attempt("ada@example.org", "wrong horse"), kWrong);
  EXPECT_EQ(attempt("bob@example.org", "correct horse"), kWrong);
  EXPECT_EQ(attempt("", ""), kWrong);
  EXPECT_EQ(attempt("\xff", "x"), kWrong);
  EXPECT_EQ(attempt(std::string(100'000, 'a'), std::string(100'000, 'b')), kWrong);
  EXPECT_EQ(trail().back(), "anonymous user.login refused");
}

TEST_F(LoginServiceTest, RefreshGivesANewJwtWhileTheSessionLives) {
  const LoggedIn login = log_in();
  clock.advance(std::chrono::seconds(1'000));
  const auto principal = good(session_of(login));
  const LoggedIn renewed = good(logins.refresh(*principal, login.csrf_token));
  EXPECT_EQ(use_jwt(login), "UNAUTHENTICATED token is no longer valid");
  EXPECT_EQ(use_jwt(renewed), "ok");
  EXPECT_EQ(renewed.csrf_token, login.csrf_token);
  EXPECT_EQ(renewed.session_cookie, "");
}

TEST_F(LoginServiceTest, LogoutEndsTheSessionAndItsJwtsAtOnceAndNoOther) {
  const LoggedIn one = log_in();
  const LoggedIn two = log_in();
  good(logins.logout({.principal = *good(session_of(one)), .address = std::string(kHome)}));
  EXPECT_EQ(use_jwt(one), "UNAUTHENTICATED token is no longer valid");
  EXPECT_EQ(outcome(session_of(one)), "UNAUTHENTICATED token is no longer valid");
  EXPECT_EQ(use_jwt(two), "ok");
  EXPECT_EQ(trail(), (std::vector<std::string>{"operator user.add", "user user.login",
                                               "user user.login", "user user.logout"}));
}

TEST_F(LoginServiceTest, ALostRoleActsAtOnce) {
  const LoggedIn login = log_in();
  EXPECT_TRUE(good(session_of(login))->administers("11"));
  good(users.set_roles("ada@example.org", false, {}, as(oper)));
  EXPECT_FALSE(good(session_of(login))->administers("11"));
}

TEST_F(LoginServiceTest, TenFailuresForAnAddressAndAnEmailAndNoMore) {
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(attempt("ada@example.org", "wrong horse"), kWrong);
  }
  EXPECT_EQ(attempt("ada@example.org", "wrong horse"), "wait 60");
  EXPECT_EQ(attempt("ADA@example.org", "correct horse"), "wait 60");
  EXPECT_EQ(attempt("ada@example.org", "correct horse", "192.0.2.2"), "ok");
  EXPECT_EQ(attempt("bob@example.org", "correct horse"), kWrong);
  clock.advance(std::chrono::seconds(60));
  EXPECT_EQ(attempt("ada@example.org", "correct horse"), "ok");
}

TEST_F(LoginServiceTest, AHundredLoginsOfAnEmailFromAnywhereAndNoMore) {
  for (std::uint32_t i = 0; i < kLoginsMax; ++i) {
    const std::string address = "192.0.2." + std::to_string(i % 5);
    ASSERT_EQ(attempt(i % 2 == 0 ? "ada@example.org" : "ADA@example.org", "correct horse", address),
              "ok");
  }
  EXPECT_EQ(attempt("ada@example.org", "correct horse", "192.0.2.200"), "wait 60");
  // Refused before a password is hashed, and so whatever it is.
  EXPECT_EQ(attempt("ada@example.org", "wrong horse", "192.0.2.200"), "wait 60");
  EXPECT_EQ(attempt("bob@example.org", "correct horse"), kWrong);
  clock.advance(std::chrono::seconds(60));
  EXPECT_EQ(attempt("ada@example.org", "correct horse"), "ok");
}

TEST_F(LoginServiceTest, AHundredSessionsOfAPersonAndTheOldestEnds) {
  const LoggedIn first = log_in();
  clock.advance(std::chrono::seconds(1));
  const LoggedIn second = log_in();
  const Uuid user = good(session_of(first))->user_id;
  const auto add_session = [&](const Uuid& of) {
    clock.advance(std::chrono::seconds(1));
    const Uuid id = new_uuid();
    good(store.database().write_access([&](storage::Session& session) {
      return insert_session(session, {.id = id,
                                      .digest = secrets.digest(DigestKind::kSession, uuid_text(id)),
                                      .user_id = of,
                                      .created_at = clock.now(),
                                      .expires_at = clock.now() + kMicrosPerDay});
    }));
  };
  for (std::int64_t i = 2; i < kSessionsOfUserMax; ++i) {
    add_session(user);
  }
  add_session(new_uuid());
  EXPECT_EQ(outcome(session_of(first)), "ok");
  add_session(user);
  EXPECT_EQ(outcome(session_of(first)), "UNAUTHENTICATED token is no longer valid");
  EXPECT_EQ(outcome(session_of(second)), "ok");
}

}  // namespace
}  // namespace matricula::auth
