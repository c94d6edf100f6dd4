#include "auth/issuer/outside_issuer.h"

#include <fstream>

#include "auth/access/user_service.h"
#include "auth/issuer/testing_provider.h"
#include "auth/testing.h"
#include "base/text.h"

namespace matricula::auth {
namespace {

constexpr auto kNotFound = "UNAUTHENTICATED token not found";

struct OutsideIssuerTest : AuthFixture {
  void SetUp() override {
    AuthFixture::SetUp();
    UserService users(store.database(), hasher, refusals, clock);
    good(users.add({.email = "ada@example.org", .admin_of = {"11"}, .password = "correct horse"},
                   as(oper)));
    authenticator = good(Authenticator::open(store.database(), secrets, clock, &issuer));
  }

  std::string jwt(const EvpKey& key, const std::string& header, const std::string& claims) {
    const std::string signed_part = to_base64url(header) + "." + to_base64url(claims);
    return signed_part + "." + to_base64url(Provider::sign(key, signed_part));
  }
  static std::string header(const std::string& algorithm, const std::string& kid) {
    return R"({"alg":")" + algorithm + R"(","kid":")" + kid + "\"}";
  }
  std::string claims(const std::string& more = "", const std::string& audience = R"("us")",
                     const std::string& email = "Ada@example.org") {
    return R"({"iss":"https://id.example.org/","aud":)" + audience + R"(,"email":")" + email +
           R"(","exp":)" + std::to_string(clock.now() / 1'000'000 + 60) + more + "}";
  }
  std::string verdict(const std::string& text) {
    return outcome(authenticator->user_principal({.authorization = "Bearer " + text}));
  }

  PasswordHasher hasher;
  Provider provider;
  JwksSource issuer{OutsideIssuer{.keys = good(KeySet::read(provider.jwks())),
                                  .issuer = "https://id.example.org/",
                                  .audience = "us"}};
};

TEST_F(OutsideIssuerTest, TakesAJwtOfEachKindOfKeyForTheUserThatItNames) {
  EXPECT_EQ(issuer.current()->keys.size(), 3U);
  EXPECT_EQ(verdict(jwt(provider.ed, header("EdDSA", "ed"), claims())), "ok");
  EXPECT_EQ(verdict(jwt(provider.ec, header("ES256", "ec"), claims())), "ok");
  const std::string text = jwt(provider.rsa, header("RS256", "rsa"), claims());
  const auto principal = good(authenticator->user_principal({.authorization = "Bearer " + text}));
  EXPECT_TRUE(principal->administers("11"));
  clock.advance(std::chrono::seconds(60));
  EXPECT_EQ(verdict(text), "UNAUTHENTICATED token is no longer valid");
}

TEST_F(OutsideIssuerTest, AlgorithmAndKeyCannotBeSwapped) {
  EXPECT_EQ(verdict(jwt(provider.rsa, header("HS256", "rsa"), claims())), kNotFound);
  EXPECT_EQ(verdict(jwt(provider.rsa, header("none", "rsa"), claims())), kNotFound);
  EXPECT_EQ(verdict(jwt(provider.rsa, header("ES256", "rsa"), claims())), kNotFound);
  EXPECT_EQ(verdict(jwt(provider.ed, header("ES256", "ec"), claims())), kNotFound);
  EXPECT_EQ(verdict(jwt(provider.ed, header("EdDSA", "other"), claims())), kNotFound);
  EXPECT_EQ(verdict(jwt(provider.ed, header("EdDSA", secrets.key_id()), claims())), kNotFound);
  EXPECT_EQ(verdict(jwt(provider.ed, R"({"alg":"ES256"})", claims())), kNotFound);
  EXPECT_EQ(verdict(jwt(provider.ed, R"({"alg":"EdDSA","kid":7})", claims())), kNotFound);
}

TEST_F(OutsideIssuerTest, AJwtWithoutKeyIdFitsTheKeyOfItsAlgorithm) {
  EXPECT_EQ(verdict(jwt(provider.ed, R"({"alg":"EdDSA"})", claims())), "ok");
  EXPECT_EQ(verdict(jwt(provider.ed, R"({"alg":"Ed25519"})", claims())), "ok");
  EXPECT_EQ(verdict(jwt(provider.ec, R"({"alg":"ES256"})", claims())), "ok");
}

TEST_F(OutsideIssuerTest, TheTypeIsAMediaTypeInAnyCase) {
  const auto with = [&](const std::string& type) {
    return verdict(jwt(provider.ed, R"({"alg":"EdDSA","kid":"ed","typ":)" + type + "}", claims()));
  };
  for (const char* const good :
       {R"("JWT")", R"("jwt")", R"("application/jwt")", R"("at+jwt")", R"("AT+JWT")",
        R"("application/at+jwt")", R"("Application/At+Jwt")"}) {
    EXPECT_EQ(with(good), "ok") << good;
  }
  for (const char* const bad : {R"("logout+jwt")", R"("application/dpop+jwt")", R"("")", "7",
                                "null", R"("application/application/jwt")", R"("text/jwt")"}) {
    EXPECT_EQ(with(bad), kNotFound) << bad;
  }
}

TEST_F(OutsideIssuerTest, TimesHaveFractionsAndExponents) {
  const std::int64_t now = clock.now() / 1'000'000;
  const auto with = [&](const std::string& exp, const std::string& more = "") {
    return verdict(jwt(provider.ed, header("EdDSA", "ed"),
                       R"({"iss":"https://id.example.org/","aud":"us","email":"ada@example.org",)"
                       R"("exp":)" +
                           exp + more + "}"));
  };
  const std::string soon = std::to_string(now + 60);
  EXPECT_EQ(with(soon + ".25"), "ok");
  EXPECT_EQ(with(soon + ".0"), "ok");
  EXPECT_EQ(with(soon + "e0"), "ok");
  EXPECT_EQ(with(soon + "000E-3"), "ok");
  EXPECT_EQ(with(soon.substr(0, 1) + "." + soon.substr(1) + "e+" + std::to_string(soon.size() - 1)),
            "ok");
  EXPECT_EQ(with("\"" + soon + "\""), "ok");
  EXPECT_EQ(with(std::to_string(now) + ".000001"), "ok");
  EXPECT_EQ(with(std::to_string(now) + ".0"), "UNAUTHENTICATED token is no longer valid");
  EXPECT_EQ(with("1e-400"), "UNAUTHENTICATED token is no longer valid");
  EXPECT_EQ(with("-1.5"), "UNAUTHENTICATED token is no longer valid");
  EXPECT_EQ(with(soon, R"(,"nbf":)" + std::to_string(now - 11) + ".5"), "ok");
  EXPECT_EQ(with(soon, R"(,"nbf":)" + std::to_string(now + 60) + ".5"), kNotFound);
  EXPECT_EQ(with(soon, R"(,"nbf":0)"), "ok");
  for (const char* const bad : {R"("")", R"("soon")", "true", "[]", R"("inf")", R"(" 9")"}) {
    EXPECT_EQ(with(bad), kNotFound) << bad;
    EXPECT_EQ(with(soon, R"(,"nbf":)" + std::string(bad)), kNotFound) << bad;
  }
}

TEST_F(OutsideIssuerTest, ALifetimeEndsADayAfterItsBeginningAtTheLatest) {
  const std::int64_t now = clock.now() / 1'000'000;
  const auto with = [&](std::int64_t age, const std::string& exp) {
    return verdict(jwt(provider.ed, header("EdDSA", "ed"),
                       R"({"iss":"https://id.example.org/","aud":"us","email":"ada@example.org",)"
                       R"("iat":)" +
                           std::to_string(now - age) + R"(,"exp":)" + exp + "}"));
  };
  EXPECT_EQ(with(86'399, "99999999999"), "ok");
  EXPECT_EQ(with(0, "1e400"), "ok");
  EXPECT_EQ(with(86'400, "99999999999"), "UNAUTHENTICATED token is no longer valid");
  EXPECT_EQ(with(-60, "99999999999"), "ok");
  EXPECT_EQ(with(-61, "99999999999"), kNotFound);
  // Without a beginning what is left counts.
  const auto without = [&](std::int64_t left) {
    return verdict(jwt(provider.ed, header("EdDSA", "ed"),
                       R"({"iss":"https://id.example.org/","aud":"us","email":"ada@example.org",)"
                       R"("exp":)" +
                           std::to_string(now + left) + "}"));
  };
  EXPECT_EQ(without(86'400), "ok");
  EXPECT_EQ(without(86'401), kNotFound);
}

TEST_F(OutsideIssuerTest, AVerifiedAddressIsTrueAsValueOrAsText) {
  const auto with = [&](const std::string& more) {
    return verdict(jwt(provider.ed, header("EdDSA", "ed"), claims(more)));
  };
  EXPECT_EQ(with(R"(,"email_verified":"true")"), "ok");
  for (const char* const bad : {"\"false\"", "\"\"", "null", "1", "[true]"}) {
    EXPECT_EQ(with(R"(,"email_verified":)" + std::string(bad)), kNotFound) << bad;
  }
}

TEST(OutsideIssuer, MayNeedThatTheAddressIsVerified) {
  const Provider provider;
  const auto with = [&](bool needs, const std::string& more) {
    const OutsideIssuer issuer{.keys = good(KeySet::read(provider.jwks())),
                               .issuer = "them",
                               .audience = "us",
                               .needs_email_verified = needs};
    const std::string part =
        to_base64url(R"({"alg":"EdDSA"})") + "." +
        to_base64url(R"({"iss":"them","aud":"us","email":"a@example.org","exp":60)" + more + "}");
    return outcome(verify_outside_jwt(
        issuer, part + "." + to_base64url(Provider::sign(provider.ed, part)), 0));
  };
  EXPECT_EQ(with(false, ""), "ok");
  EXPECT_EQ(with(true, ""), kNotFound);
  EXPECT_EQ(with(true, R"(,"email_verified":true)"), "ok");
  EXPECT_EQ(with(true, R"(,"email_verified":false)"), kNotFound);
}

TEST_F(OutsideIssuerTest, AJwtMayBeAsLongAsTheHeadPermits) {
  const std::string groups = R"(,"groups":[")" + std::string(12'000, 'g') + R"("])";
  EXPECT_EQ(verdict(jwt(provider.ed, header("EdDSA", "ed"), claims(groups))), "ok");
}

TEST_F(OutsideIssuerTest, IssuerAudienceTimesAndAddressMustBeRight) {
  const auto with = [&](const std::string& text) {
    return verdict(jwt(provider.ed, header("EdDSA", "ed"), text));
  };
  EXPECT_EQ(with(claims("", R"(["them","us"])")), "ok");
  EXPECT_EQ(with(claims("", R"(["them"])")), kNotFound);
  EXPECT_EQ(with(claims("", R"("them")")), kNotFound);
  EXPECT_EQ(with(R"({"iss":"https://evil.example.org/","aud":"us","email":"ada@example.org",)"
                 R"("exp":9999999999})"),
            kNotFound);
  EXPECT_EQ(with(R"({"iss":"https://id.example.org/","aud":"us","email":"ada@example.org"})"),
            kNotFound);
  EXPECT_EQ(with(claims(R"(,"email_verified":true)")), "ok");
  EXPECT_EQ(with(claims(R"(,"email_verified":false)")), kNotFound);
  EXPECT_EQ(with(claims(R"(,"nbf":)" + std::to_string(clock.now() / 1'000'000 + 60))), "ok");
  EXPECT_EQ(with(claims(R"(,"nbf":)" + std::to_string(clock.now() / 1'000'000 + 61))), kNotFound);
  EXPECT_EQ(with(claims("", R"("us")", "bob@example.org")), kNotFound);
}

TEST_F(OutsideIssuerTest, OnlyClaimsThatAreReadMustBeTexts) {
  const auto with = [&](const std::string& text) {
    return verdict(jwt(provider.ed, header("EdDSA", "ed"), text));
  };
  EXPECT_EQ(with(claims(R"(,"name":"Ada \ud83d","more":["\udc00",{"\ud800":1}])")), "ok");
  EXPECT_EQ(with(claims("", R"(["\ud83d","us"])")), "ok");
  EXPECT_EQ(with(claims("", R"("us\ud83d")")), kNotFound);
  EXPECT_EQ(with(claims("", R"("us")", R"(ada@example.org\ud83d)")), kNotFound);
  EXPECT_EQ(with(claims(R"(,"name":")"
                        "\xED\xA0\xBD"
                        R"(")")),
            kNotFound)
      << "no UTF-8";
}

TEST_F(OutsideIssuerTest, OurOwnJwtsStayGoodAndWithoutAnIssuerForeignOnesAreUnknown) {
  auto alone = good(Authenticator::open(store.database(), secrets, clock));
  const std::string text = "Bearer " + jwt(provider.ed, header("EdDSA", "ed"), claims());
  EXPECT_EQ(outcome(alone->user_principal({.authorization = text})), kNotFound);
  const std::string ours = sign_jwt(secrets, {.user_id = new_uuid(),
                                              .session_id = new_uuid(),
                                              .issued_at = clock.now(),
                                              .expires_at = clock.now() + 1'000'000});
  // Its session does not exist: our own verification judged it.
  EXPECT_EQ(verdict(ours), "UNAUTHENTICATED token is no longer valid");
}

TEST(OutsideIssuer, NeedsItsFileAndBothNames) {
  const storage::TempDirectory directory;
  const std::string file = directory.file("jwks.json");
  EXPECT_EQ(outcome(JwksSource::open(file, {.keys = {}, .issuer = "", .audience = "us"})),
            "USAGE A JWK set needs the issuer and the audience of its JWTs.");
  EXPECT_EQ(outcome(JwksSource::open(file, {.keys = {}, .issuer = "them", .audience = "us"})),
            "IO " + file + " cannot be read: No such file or directory.");
  std::ofstream(file) << Provider().jwks();
  EXPECT_EQ(outcome(JwksSource::open(file, {.keys = {}, .issuer = "them", .audience = "us"})),
            "ok");
}

TEST(JwksSource, TakesNewKeysAndKeepsTheOldOnesWhenThereAreNone) {
  const storage::TempDirectory directory;
  const std::string file = directory.file("jwks.json");
  std::ofstream(file) << Provider().jwks();
  const auto source =
      good(JwksSource::open(file, {.keys = {}, .issuer = "them", .audience = "us"}));
  const auto before = source->current();
  EXPECT_EQ(before->keys.size(), 3U);
  std::ofstream(file) << "{";
  EXPECT_FALSE(source->refresh());
  EXPECT_EQ(source->current(), before);
  std::ofstream(file) << Provider().jwks();
  EXPECT_EQ(outcome(source->refresh()), "ok");
  EXPECT_NE(source->current(), before);
  EXPECT_EQ(source->current()->issuer, "them");
}

TEST(JwksSource, AUrlThatDoesNotAnswerLeavesTheIssuerWithoutKeys) {
  // Nothing listens at port 1.
  const auto source = good(JwksSource::open("http://127.0.0.1:1/jwks",
                                            {.keys = {}, .issuer = "them", .audience = "us"}));
  EXPECT_EQ(source->current()->keys.size(), 0U);
  EXPECT_FALSE(source->refresh());
}

}  // namespace
}  // namespace matricula::auth
