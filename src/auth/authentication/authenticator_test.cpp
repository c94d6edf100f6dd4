#include <array>
#include <atomic>
#include <thread>

#include "auth/authentication/sessions.h"
#include "auth/testing.h"

namespace matricula::auth {
namespace {

constexpr auto kNoHeader = "UNAUTHENTICATED no Authorization header";
constexpr auto kNotFound = "UNAUTHENTICATED token not found";
constexpr auto kEnded = "UNAUTHENTICATED token is no longer valid";

struct AuthenticatorTest : AuthFixture {
  // A session of a fresh user, and its cookie.
  std::pair<SessionInsert, std::string> log_in() {
    const std::string cookie = "cookie" + uuid_text(new_uuid());
    const SessionInsert session{.id = new_uuid(),
                                .digest = secrets.digest(DigestKind::kSession, cookie),
                                .user_id = new_uuid(),
                                .created_at = clock.now(),
                                .expires_at = clock.now() + 43'200'000'000};
    good(store.database().write(
        [&](storage::Session& writer) { return insert_session(writer, session); }));
    return {session, cookie};
  }
  std::string jwt_of(const SessionInsert& session) {
    return sign_jwt(secrets, {.user_id = session.user_id,
                              .session_id = session.id,
                              .issued_at = clock.now(),
                              .expires_at = clock.now() + kJwtSeconds * 1'000'000});
  }
};

TEST_F(AuthenticatorTest, ADataEndpointKnowsTheThreeRefusals) {
  const auto made = good(tokens.create({.description = ""}, as(oper)));
  const std::string& text = made.unredacted_token;
  EXPECT_EQ(outcome(authenticator->data_principal({})), kNoHeader);
  EXPECT_EQ(outcome(authenticator->data_principal("Bearer " + text)), kNotFound);
  EXPECT_EQ(outcome(authenticator->data_principal(text)), kNotFound);
  EXPECT_EQ(outcome(authenticator->data_principal("Token")), kNotFound);
  EXPECT_EQ(outcome(authenticator->data_principal("Token ")), kNotFound);
  EXPECT_EQ(outcome(authenticator->data_principal("")), kNotFound);
  EXPECT_EQ(use(std::string(32, '0')), kNotFound);
  EXPECT_EQ(use(text + "0"), kNotFound);
  EXPECT_EQ(use(std::string(1'000'000, 'a')), kNotFound);
  EXPECT_EQ(use(text), "ok");
  EXPECT_EQ(outcome(authenticator->data_principal("token  " + text)), "ok");
  EXPECT_EQ(outcome(authenticator->data_principal("TOKEN \t" + text)), "ok");
  EXPECT_EQ(outcome(authenticator->data_principal("Token\t" + text)), "ok");
  good(tokens.revoke(made.token.id, as(oper)));
  EXPECT_EQ(use(text), kEnded);
  EXPECT_EQ(use(text), kEnded);
}

TEST_F(AuthenticatorTest, ARevocationByAnotherProcessHoldsFromTheNextRequestOn) {
  const auto made = good(tokens.create({.description = ""}, as(oper)));
  EXPECT_EQ(use(made.unredacted_token), "ok");
  auto other = good(
      storage::open_database("sqlite:" + store.path(), {.migrations = migrations::all()}, clock));
  TokenService elsewhere(*other, secrets, refusals, clock);
  good(elsewhere.revoke(made.token.id, as(oper)));
  EXPECT_EQ(use(made.unredacted_token), kEnded);
}

TEST_F(AuthenticatorTest, NothingIsAcceptedAfterItsRevocationWasAnswered) {
  std::atomic<int> wrong = 0;
  std::array<std::thread, 4> threads;
  for (std::thread& thread : threads) {
    thread = std::thread([&] {
      auto mine = good(Authenticator::open(store.database(), secrets, clock));
      for (int i = 0; i < 10; ++i) {
        const auto made = good(tokens.create({.description = ""}, as(oper)));
        wrong += !mine->data_principal("Token " + made.unredacted_token).has_value();
        good(tokens.revoke(made.token.id, as(oper)));
        wrong += mine->data_principal("Token " + made.unredacted_token).has_value();
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(wrong, 0);
}

TEST_F(AuthenticatorTest, MoreTokensThanTheCacheHoldsAreStillKnown) {
  std::array<std::string, 20> texts;
  for (std::string& text : texts) {
    text = good(tokens.create({.description = ""}, as(oper))).unredacted_token;
  }
  for (int round = 0; round < 3; ++round) {
    for (const std::string& text : texts) {
      EXPECT_EQ(use(text), "ok");
    }
  }
}

TEST_F(AuthenticatorTest, AJwtIsGoodWhileItsSessionLives) {
  const auto [session, cookie] = log_in();
  const std::string header = "Bearer " + jwt_of(session);
  const auto principal = good(authenticator->user_principal({.authorization = header}));
  EXPECT_EQ(principal->user_id, session.user_id);
  EXPECT_EQ(principal->session_id, session.id);
  EXPECT_EQ(principal->kind, PrincipalKind::kUser);
  const Uuid session_id = session.id;
  good(store.database().write(
      [&](storage::Session& writer) { return end_session(writer, session_id); }));
  EXPECT_EQ(outcome(authenticator->user_principal({.authorization = header})), kEnded);
}

TEST_F(AuthenticatorTest, ATokensEndpointTakesNoApiToken) {
  const auto made = good(tokens.create({.description = ""}, as(oper)));
  const std::string as_token = "Token " + made.unredacted_token;
  const std::string as_bearer = "Bearer " + made.unredacted_token;
  EXPECT_EQ(outcome(authenticator->user_principal({.authorization = as_token})), kNotFound);
  EXPECT_EQ(outcome(authenticator->user_principal({.authorization = as_bearer})), kNotFound);
  EXPECT_EQ(outcome(authenticator->user_principal({})), kNoHeader);
}

TEST_F(AuthenticatorTest, ACookieCountsOnlyWithItsCsrfToken) {
  const auto [session, cookie] = log_in();
  const std::string csrf = csrf_token(secrets, cookie);
  const std::string foreign = csrf_token(secrets, "other");
  EXPECT_EQ(outcome(authenticator->user_principal({.session_cookie = cookie})), kNoHeader);
  EXPECT_EQ(
      outcome(authenticator->user_principal({.session_cookie = cookie, .csrf_token = foreign})),
      kNoHeader);
  EXPECT_EQ(outcome(authenticator->user_principal({.csrf_token = csrf})), kNoHeader);
  EXPECT_EQ(
      good(authenticator->user_principal({.session_cookie = cookie, .csrf_token = csrf}))->user_id,
      session.user_id);
  clock.advance(std::chrono::hours(12));
  EXPECT_EQ(outcome(authenticator->user_principal({.session_cookie = cookie, .csrf_token = csrf})),
            kEnded);
}

TEST_F(AuthenticatorTest, AnAuthorizationHeaderWinsOverTheCookie) {
  const auto [session, cookie] = log_in();
  const std::string csrf = csrf_token(secrets, cookie);
  EXPECT_EQ(outcome(authenticator->user_principal(
                {.authorization = "Bearer x", .session_cookie = cookie, .csrf_token = csrf})),
            kNotFound);
}

}  // namespace
}  // namespace matricula::auth
