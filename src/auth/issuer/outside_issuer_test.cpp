#include "auth/issuer/outside_issuer.h"

#include <fstream>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>

#include "auth/access/user_service.h"
#include "auth/testing.h"
#include "base/text.h"

namespace matricula::auth {
namespace {

using EvpKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

std::string number_member(const EvpKey& key, const char* name, int bytes) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key.get(), name, &number);
  std::string text(static_cast<std::size_t>(bytes == 0 ? BN_num_bytes(number) : bytes), '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(text.data()),
               static_cast<int>(text.size()));
  BN_free(number);
  return to_base64url(text);
}

// One key of each kind, and what a provider would do with it.
struct Provider {
  EvpKey ed{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free};
  EvpKey ec{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), EVP_PKEY_free};
  EvpKey rsa{EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2'048}), EVP_PKEY_free};

  std::string jwks() const {
    std::string raw(32, '\0');
    std::size_t length = raw.size();
    EVP_PKEY_get_raw_public_key(ed.get(), reinterpret_cast<unsigned char*>(raw.data()), &length);
    return R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":"ed","x":")" + to_base64url(raw) +
           R"("},{"kty":"EC","crv":"P-256","kid":"ec","use":"sig","x":")" +
           number_member(ec, OSSL_PKEY_PARAM_EC_PUB_X, 32) + R"(","y":")" +
           number_member(ec, OSSL_PKEY_PARAM_EC_PUB_Y, 32) +
           R"("},{"kty":"RSA","kid":"rsa","alg":"RS256","n":")" +
           number_member(rsa, OSSL_PKEY_PARAM_RSA_N, 0) + R"(","e":"AQAB"}]})";
  }

  static std::string sign(const EvpKey& key, const std::string& message) {
    const bool is_ed = EVP_PKEY_is_a(key.get(), "ED25519") == 1;
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                    EVP_MD_CTX_free};
    EVP_DigestSignInit(context.get(), nullptr, is_ed ? nullptr : EVP_sha256(), nullptr, key.get());
    std::string signature(512, '\0');
    std::size_t length = signature.size();
    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                   reinterpret_cast<const unsigned char*>(message.data()), message.size());
    signature.resize(length);
    return EVP_PKEY_is_a(key.get(), "EC") == 1 ? from_der(signature) : signature;
  }

  static std::string from_der(const std::string& der) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    ECDSA_SIG* numbers = d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size()));
    std::string both(64, '\0');
    auto* out = reinterpret_cast<unsigned char*>(both.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(numbers), out, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(numbers), out + 32, 32);
    ECDSA_SIG_free(numbers);
    return both;
  }
};

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
  EXPECT_EQ(verdict(jwt(provider.ed, R"({"alg":"EdDSA"})", claims())), kNotFound);
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

std::string refusal(std::string_view jwks) {
  return outcome(KeySet::read(jwks));
}

TEST(KeySet, RefusesWhatIsNoSetOfPublicKeys) {
  const std::string start = "BAD_USER_INPUT The JWK set cannot be used: ";
  EXPECT_EQ(refusal(""), start + "it is no JSON object with an array `keys`.");
  EXPECT_EQ(refusal("{}"), start + "it is no JSON object with an array `keys`.");
  EXPECT_EQ(refusal(R"({"keys":[]})"), start + "it has no key for EdDSA, ES256 or RS256.");
  EXPECT_EQ(refusal(R"({"keys":[{"kty":"oct","k":"AA"}]})"), start + "it holds a private key.");
  EXPECT_EQ(refusal(R"({"keys":[{"kty":"EC","crv":"P-256","kid":"a","x":"AA","y":"AA"}]})"),
            start + "it has no key for EdDSA, ES256 or RS256.");
  EXPECT_EQ(refusal(R"({"keys":[{"kty":"RSA","kid":"a","n":"AQAB","e":"AQAB"}]})"),
            start + "it has no key for EdDSA, ES256 or RS256.");
  const std::string key =
      R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")";
  EXPECT_EQ(refusal(R"({"keys":[)" + key + "}]}"), start + "every key needs a `kid` of its own.");
  EXPECT_EQ(refusal(R"({"keys":[)" + key + R"(,"kid":"a"},)" + key + R"(,"kid":"a"}]})"),
            start + "every key needs a `kid` of its own.");
  EXPECT_EQ(refusal(std::string(kKeySetBytesMax + 1, ' ')), start + "it is longer than 256 KiB.");
  std::string many = R"({"keys":[{})";
  for (std::size_t i = 0; i < kKeysMax; ++i) {
    many += ",{}";
  }
  EXPECT_EQ(refusal(many + "]}"), start + "it has more than 100 keys.");
}

TEST(OutsideIssuer, NeedsItsFileAndBothNames) {
  const storage::TempDirectory directory;
  const std::string file = directory.file("jwks.json");
  EXPECT_EQ(outcome(JwksSource::open(file, "", "us")),
            "USAGE A JWK set needs the issuer and the audience of its JWTs.");
  EXPECT_EQ(outcome(JwksSource::open(file, "them", "us")),
            "IO The file " + file + " cannot be read.");
  std::ofstream(file) << Provider().jwks();
  EXPECT_EQ(outcome(JwksSource::open(file, "them", "us")), "ok");
}

TEST(JwksSource, TakesNewKeysAndKeepsTheOldOnesWhenThereAreNone) {
  const storage::TempDirectory directory;
  const std::string file = directory.file("jwks.json");
  std::ofstream(file) << Provider().jwks();
  const auto source = good(JwksSource::open(file, "them", "us"));
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
  const auto source = good(JwksSource::open("http://127.0.0.1:1/jwks", "them", "us"));
  EXPECT_EQ(source->current()->keys.size(), 0U);
  EXPECT_FALSE(source->refresh());
}

}  // namespace
}  // namespace matricula::auth
