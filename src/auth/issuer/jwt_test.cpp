#include "auth/issuer/jwt.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/text.h"

namespace matricula::auth {
namespace {

constexpr Timestamp kNow = 1'767'225'600'000'000;
constexpr auto kNotFound = "token not found";

struct Jwt : testing::Test {
  std::string verdict(std::string_view jwt, Timestamp now = kNow) const {
    const auto claims = verify_jwt(secrets, jwt, now);
    return claims ? "ok" : claims.error().message;
  }
  std::string part(std::string_view text) { return to_base64url(text); }
  // Any header and payload, signed by our key.
  std::string signed_jwt(std::string_view header, std::string_view payload) {
    std::string jwt = part(header) + "." + part(payload);
    const auto signature = secrets.sign(jwt);
    return jwt + "." + part({reinterpret_cast<const char*>(signature.data()), signature.size()});
  }
  std::string header(std::string_view more = "") const {
    return R"({"alg":"EdDSA","typ":"JWT","kid":")" + secrets.key_id() + "\"" + std::string(more) +
           "}";
  }
  std::string payload(std::string_view iss = "matricula", std::string_view aud = "matricula",
                      std::string_view exp = "1767226500") {
    return R"({"iss":")" + std::string(iss) + R"(","aud":")" + std::string(aud) +
           R"(","sub":"00112233-4455-4677-8899-aabbccddeeff",)" +
           R"("sid":"00112233-4455-4677-8899-aabbccddee00","iat":1767225600,"exp":)" +
           std::string(exp) + "}";
  }

  Secrets secrets = Secrets::random();
};

TEST_F(Jwt, ReadsBackWhatWasSigned) {
  const JwtClaims claims{.user_id = new_uuid(),
                         .session_id = new_uuid(),
                         .issued_at = kNow,
                         .expires_at = kNow + 900'000'000};
  const auto read = verify_jwt(secrets, sign_jwt(secrets, claims), kNow);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(*read, claims);
}

TEST_F(Jwt, EndsAtItsExpiry) {
  const std::string jwt = signed_jwt(header(), payload());
  EXPECT_EQ(verdict(jwt, 1'767'226'500'000'000 - 1), "ok");
  EXPECT_EQ(verdict(jwt, 1'767'226'500'000'000), "token is no longer valid");
}

TEST_F(Jwt, OtherAlgorithmsTypesAndKeysAreUnknown) {
  const std::string kid = R"(","kid":")" + secrets.key_id() + R"("})";
  for (const char* algorithm : {"none", "None", "HS256", "RS256", "ES256", "eddsa", ""}) {
    const auto header = fmt::format(R"({{"typ":"JWT","alg":"{}{})", algorithm, kid);
    EXPECT_EQ(verdict(signed_jwt(header, payload())), kNotFound);
  }
  EXPECT_EQ(verdict(signed_jwt(R"({"alg":"EdDSA","typ":"at+jwt)" + kid, payload())), kNotFound);
  EXPECT_EQ(verdict(signed_jwt(R"({"alg":"EdDSA","typ":"JWT"})", payload())), kNotFound);
  EXPECT_EQ(verdict(signed_jwt(R"({"alg":"EdDSA","typ":"JWT","kid":"../../dev/null"})", payload())),
            kNotFound);
}

TEST_F(Jwt, UnknownCriticalMembersAndDuplicatesAreRefused) {
  EXPECT_EQ(verdict(signed_jwt(header(R"(,"crit":["exp"])"), payload())), kNotFound);
  EXPECT_EQ(verdict(signed_jwt(header(R"(,"alg":"EdDSA")"), payload())), kNotFound);
}

TEST_F(Jwt, KeysInTheHeaderAreNeverLookedAt) {
  const Secrets attacker = Secrets::random();
  const std::string jwt =
      part(header(R"(,"jwk":{"kty":"OKP"},"jku":"https://example.org/","x5c":[])")) + "." +
      part(payload());
  const auto forged = attacker.sign(jwt);
  EXPECT_EQ(
      verdict(jwt + "." + part({reinterpret_cast<const char*>(forged.data()), forged.size()})),
      kNotFound);
}

TEST_F(Jwt, WrongIssuerOrAudienceIsUnknown) {
  EXPECT_EQ(verdict(signed_jwt(header(), payload("other"))), kNotFound);
  EXPECT_EQ(verdict(signed_jwt(header(), payload("matricula", "other"))), kNotFound);
}

TEST_F(Jwt, ExpiryMustBeANumber) {
  for (const std::string_view exp : {"\"soon\"", "null", "true", "[]", "{}"}) {
    EXPECT_EQ(verdict(signed_jwt(header(), payload("matricula", "matricula", exp))), kNotFound);
  }
}

TEST_F(Jwt, AnyChangedByteIsUnknown) {
  const std::string jwt = signed_jwt(header(), payload());
  EXPECT_EQ(verdict(jwt), "ok");
  for (std::size_t i = 0; i < jwt.size(); ++i) {
    std::string wrong = jwt;
    wrong[i] = wrong[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(verdict(wrong), kNotFound) << i;
  }
}

TEST_F(Jwt, NonsenseAndMegabytesAreUnknown) {
  const std::string jwt = signed_jwt(header(), payload());
  EXPECT_EQ(verdict(""), kNotFound);
  EXPECT_EQ(verdict(".."), kNotFound);
  EXPECT_EQ(verdict(jwt + "."), kNotFound);
  EXPECT_EQ(verdict(jwt + "="), kNotFound);
  EXPECT_EQ(verdict(jwt.substr(0, jwt.rfind('.') + 1)), kNotFound);
  EXPECT_EQ(verdict(jwt.substr(0, jwt.rfind('.') + 1) + std::string(86, 'A')), kNotFound);
  EXPECT_EQ(verdict(std::string(1'000'000, 'A')), kNotFound);
  EXPECT_EQ(verdict(jwt + std::string(1'000'000, 'A')), kNotFound);
}

}  // namespace
}  // namespace matricula::auth
