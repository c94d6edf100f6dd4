#include "auth/issuer/key_set.h"

#include "auth/issuer/testing_provider.h"
#include "auth/testing.h"

namespace matricula::auth {
namespace {

std::string refusal(std::string_view jwks) {
  return outcome(KeySet::read(jwks));
}

TEST(KeySet, RefusesWhatIsNoSetOfPublicKeys) {
  const std::string start = "BAD_USER_INPUT The JWK set cannot be used: ";
  EXPECT_EQ(refusal(""), start + "it is no JSON object with an array `keys`.");
  EXPECT_EQ(refusal("{}"), start + "it is no JSON object with an array `keys`.");
  const std::string none = start +
                           "it has no key for a signature of the kinds EdDSA, ES256, ES384, ES512, "
                           "RS256 to RS512 or PS256 to PS512.";
  EXPECT_EQ(refusal(R"({"keys":[]})"), none);
  EXPECT_EQ(refusal(R"({"keys":[{"kty":"oct","k":"AA"}]})"), start + "it holds a private key.");
  EXPECT_EQ(refusal(R"({"keys":[{"kty":"EC","crv":"P-256","kid":"a","x":"AA","y":"AA"}]})"), none);
  EXPECT_EQ(refusal(R"({"keys":[{"kty":"RSA","kid":"a","n":"AQAB","e":"AQAB"}]})"), none);
  const std::string key =
      R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")";
  EXPECT_EQ(refusal(R"({"keys":[)" + key + "}]}"), "ok");
  for (const char* const other :
       {R"(,"use":"enc")", R"(,"key_ops":["encrypt"])", R"(,"key_ops":[])", R"(,"alg":"ES256")",
        R"(,"alg":7)", R"(,"alg":"")"}) {
    EXPECT_EQ(refusal(R"({"keys":[)" + key + other + "}]}"), none) << other;
  }
  EXPECT_EQ(refusal(R"({"keys":[)" + key + R"(,"use":"sig","key_ops":["verify"]}]})"), "ok");
  EXPECT_EQ(refusal(std::string(kKeySetBytesMax + 1, ' ')), start + "it is longer than 256 KiB.");
  std::string many = R"({"keys":[{})";
  for (std::size_t i = 0; i < kKeysMax; ++i) {
    many += ",{}";
  }
  EXPECT_EQ(refusal(many + "]}"), start + "it has more than 100 keys.");
}

TEST(KeySet, VerifiesByTheOneAlgorithmOfEachKey) {
  const EvpKey p384{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-384"), EVP_PKEY_free};
  const EvpKey p521{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-521"), EVP_PKEY_free};
  const Provider provider;
  const std::string rsa = R"({"kty":"RSA","n":")" +
                          number_member(provider.rsa, OSSL_PKEY_PARAM_RSA_N, 0) + R"(","e":"AQAB")";
  struct Case {
    std::string algorithm;
    const EvpKey& key;
    std::string jwk;
    Provider::SigningOptions options;
  };
  const Case cases[] = {
      {"ES384", p384, ec_jwk(p384, "P-384", 48), {.hash = EVP_sha384()}},
      {"ES512", p521, ec_jwk(p521, "P-521", 66), {.hash = EVP_sha512()}},
      {"RS256", provider.rsa, rsa + R"(,"alg":"RS256"})", {}},
      {"RS384", provider.rsa, rsa + R"(,"alg":"RS384"})", {.hash = EVP_sha384()}},
      {"RS512", provider.rsa, rsa + R"(,"alg":"RS512"})", {.hash = EVP_sha512()}},
      {"PS256", provider.rsa, rsa + R"(,"alg":"PS256"})", {.pss = true}},
      {"PS384", provider.rsa, rsa + R"(,"alg":"PS384"})", {.hash = EVP_sha384(), .pss = true}},
      {"PS512", provider.rsa, rsa + R"(,"alg":"PS512"})", {.hash = EVP_sha512(), .pss = true}},
  };
  const std::string message = "header.payload";
  for (const Case& one : cases) {
    const KeySet set = good(KeySet::read(R"({"keys":[)" + one.jwk + "]}"));
    const std::string signature = Provider::sign(one.key, message, one.options);
    for (const Case& other : cases) {
      EXPECT_EQ(set.is_signature(std::nullopt, other.algorithm, signature, message),
                other.algorithm == one.algorithm)
          << one.algorithm << " as " << other.algorithm;
    }
    EXPECT_TRUE(set.is_signature("any", one.algorithm, signature, message)) << one.algorithm;
    EXPECT_FALSE(set.is_signature("any", one.algorithm, signature, message + "x"));
    EXPECT_FALSE(set.is_signature("any", one.algorithm, "", message));
    EXPECT_FALSE(set.is_signature("any", one.algorithm, signature + "x", message));
  }
}

// RFC 7517, section 4.4: a key need not name an algorithm.
TEST(KeySet, AnRsaKeyWithoutAnAlgorithmIsForAllOfRsa) {
  const Provider provider;
  const KeySet set = good(KeySet::read(R"({"keys":[{"kty":"RSA","n":")" +
                                       number_member(provider.rsa, OSSL_PKEY_PARAM_RSA_N, 0) +
                                       R"(","e":"AQAB"}]})"));
  const std::string rs512 = Provider::sign(provider.rsa, "m", {.hash = EVP_sha512()});
  const std::string ps256 = Provider::sign(provider.rsa, "m", {.pss = true});
  EXPECT_TRUE(set.is_signature(std::nullopt, "RS256", Provider::sign(provider.rsa, "m"), "m"));
  EXPECT_TRUE(set.is_signature(std::nullopt, "RS512", rs512, "m"));
  EXPECT_TRUE(set.is_signature(std::nullopt, "PS256", ps256, "m"));
  EXPECT_FALSE(set.is_signature(std::nullopt, "RS256", ps256, "m"));
  EXPECT_FALSE(set.is_signature(std::nullopt, "ES256", rs512, "m"));
  EXPECT_FALSE(set.is_signature(std::nullopt, "none", rs512, "m"));
}

TEST(KeySet, TriesABoundedNumberOfKeysWithoutAKeyId) {
  std::string keys;
  Provider last;
  for (std::size_t i = 0; i < kKeysTriedMax; ++i) {
    const EvpKey other{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), EVP_PKEY_free};
    keys += ec_jwk(other, "P-256", 32) + ",";
  }
  const std::string own = ec_jwk(last.ec, "P-256", 32);
  const std::string signature = Provider::sign(last.ec, "m");
  const auto verifies = [&](const std::string& text, std::optional<std::string_view> id) {
    return good(KeySet::read(R"({"keys":[)" + text + "]}"))
        .is_signature(id, "ES256", signature, "m");
  };
  const std::string named = own.substr(0, own.size() - 1) + R"(,"kid":"mine"})";
  EXPECT_FALSE(verifies(keys + own, std::nullopt));
  EXPECT_TRUE(verifies(keys.substr(keys.find("},") + 2) + own, std::nullopt));
  EXPECT_TRUE(verifies(keys + named, "mine"));
  EXPECT_FALSE(verifies(named, "yours"));
}

}  // namespace
}  // namespace matricula::auth
