#include "auth/issuer/jwk.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/param_build.h>
#include <optional>
#include <string>

#include "auth/issuer/jws.h"
#include "base/text.h"

namespace matricula::auth {
namespace {

constexpr std::string_view kEdDsa = "EdDSA";
constexpr std::string_view kEs256 = "ES256";
constexpr std::string_view kRs256 = "RS256";
constexpr int kRsaBitsMin = 2'048;
constexpr int kRsaBitsMax = 8'192;
constexpr std::size_t kEcPartBytes = 32;
constexpr std::size_t kEd25519Bytes = 32;

template <auto function>
struct Free {
  template <typename T>
  void operator()(T* value) const {
    function(value);
  }
};
using BigNumber = std::unique_ptr<BIGNUM, Free<BN_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, Free<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Free<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>>;

const unsigned char* unsigned_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::optional<std::string> bytes_member(const json::Value& object, std::string_view name) {
  const auto text = text_member(object, name);
  std::string bytes;
  return text && from_base64url(*text, bytes) ? std::optional(bytes) : std::nullopt;
}

BigNumber big_number(std::string_view bytes) {
  return BigNumber(BN_bin2bn(unsigned_bytes(bytes), static_cast<int>(bytes.size()), nullptr));
}

std::shared_ptr<EVP_PKEY> owned(EVP_PKEY* key) {
  return {key, [](EVP_PKEY* mine) { EVP_PKEY_free(mine); }};
}

// Null when the parameters make no valid public key of the type.
std::shared_ptr<EVP_PKEY> key_of(const char* type, OSSL_PARAM_BLD* builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  auto made = owned(key);
  const KeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  return check && EVP_PKEY_public_check(check.get()) == 1 ? made : nullptr;
}

Jwk read_ed25519(const json::Value& object) {
  const auto x = bytes_member(object, "x");
  if (text_member(object, "crv") != "Ed25519" || !x || x->size() != kEd25519Bytes) {
    return {};
  }
  return {.key = owned(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, unsigned_bytes(*x),
                                                   x->size())),
          .algorithm = kEdDsa};
}

Jwk read_p256(const json::Value& object) {
  const auto x = bytes_member(object, "x");
  const auto y = bytes_member(object, "y");
  if (text_member(object, "crv") != "P-256" || !x || !y || x->size() != kEcPartBytes ||
      y->size() != kEcPartBytes) {
    return {};
  }
  const std::string point = "\x04" + *x + *y;
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    return {};
  }
  return {.key = key_of("EC", builder.get()), .algorithm = kEs256};
}

Jwk read_rsa(const json::Value& object) {
  const auto n = bytes_member(object, "n");
  const auto e = bytes_member(object, "e");
  if (!n || !e) {
    return {};
  }
  const BigNumber modulus = big_number(*n);
  const BigNumber exponent = big_number(*e);
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (!modulus || !exponent || !builder || BN_num_bits(modulus.get()) < kRsaBitsMin ||
      BN_num_bits(modulus.get()) > kRsaBitsMax || BN_num_bits(exponent.get()) > 32 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1) {
    return {};
  }
  return {.key = key_of("RSA", builder.get()), .algorithm = kRs256};
}

// JWS writes both numbers of a signature one after the other (RFC 7518, section 3.4), OpenSSL reads
// DER. Empty when it is no signature.
std::string der_of(std::string_view signature) {
  if (signature.size() != 2 * kEcPartBytes) {
    return {};
  }
  BigNumber r = big_number(signature.substr(0, kEcPartBytes));
  BigNumber s = big_number(signature.substr(kEcPartBytes));
  const EcdsaSignature numbers(ECDSA_SIG_new());
  if (!r || !s || !numbers || ECDSA_SIG_set0(numbers.get(), r.get(), s.get()) != 1) {
    return {};
  }
  // They belong to the signature now.
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  unsigned char* bytes = nullptr;
  const int length = i2d_ECDSA_SIG(numbers.get(), &bytes);
  std::string der;
  if (length > 0) {
    der.assign(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
  }
  OPENSSL_free(bytes);
  return der;
}

}  // namespace

Jwk read_jwk(const json::Value& object) {
  const auto type = text_member(object, "kty");
  Jwk jwk;
  if (type == "OKP") {
    jwk = read_ed25519(object);
  } else if (type == "EC") {
    jwk = read_p256(object);
  } else if (type == "RSA") {
    jwk = read_rsa(object);
  }
  const auto algorithm = text_member(object, "alg");
  const auto use = text_member(object, "use");
  if ((algorithm && *algorithm != jwk.algorithm) || (use && *use != "sig")) {
    return {};
  }
  return jwk;
}

bool is_signature(const Jwk& jwk, std::string_view signature, std::string_view message) {
  const bool is_ec = jwk.algorithm == kEs256;
  const std::string form = is_ec ? der_of(signature) : std::string(signature);
  const EVP_MD* hash = jwk.algorithm == kEdDsa ? nullptr : EVP_sha256();
  const DigestContext context(EVP_MD_CTX_new());
  return context && !form.empty() &&
         EVP_DigestVerifyInit(context.get(), nullptr, hash, nullptr, jwk.key.get()) == 1 &&
         EVP_DigestVerify(context.get(), unsigned_bytes(form), form.size(), unsigned_bytes(message),
                          message.size()) == 1;
}

}  // namespace matricula::auth
