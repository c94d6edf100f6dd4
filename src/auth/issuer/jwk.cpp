#include "auth/issuer/jwk.h"

#include <algorithm>
#include <iterator>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <optional>
#include <string>

#include "auth/issuer/jws.h"
#include "base/assert.h"
#include "base/text.h"

namespace matricula::auth {
namespace {

constexpr int kRsaBitsMin = 2'048;
constexpr int kRsaBitsMax = 8'192;
constexpr std::size_t kEd25519Bytes = 32;

enum class Family { kEd25519, kEc, kRsa, kRsaPss };

// The algorithms of RFC 7518, section 3.1, and RFC 8037 that a public key can be for.
struct Algorithm {
  std::string_view name;
  Family family;
  const EVP_MD* (*hash)() = nullptr;  // null: the algorithm brings its own
  std::string_view curve = {};        // of an EC key
  std::size_t part_bytes = 0;         // of each number of an EC point and signature
};
constexpr Algorithm kAlgorithms[] = {
    {.name = "EdDSA", .family = Family::kEd25519},
    {.name = "ES256",
     .family = Family::kEc,
     .hash = EVP_sha256,
     .curve = "P-256",
     .part_bytes = 32},
    {.name = "ES384",
     .family = Family::kEc,
     .hash = EVP_sha384,
     .curve = "P-384",
     .part_bytes = 48},
    {.name = "ES512",
     .family = Family::kEc,
     .hash = EVP_sha512,
     .curve = "P-521",
     .part_bytes = 66},
    {.name = "RS256", .family = Family::kRsa, .hash = EVP_sha256},
    {.name = "RS384", .family = Family::kRsa, .hash = EVP_sha384},
    {.name = "RS512", .family = Family::kRsa, .hash = EVP_sha512},
    {.name = "PS256", .family = Family::kRsaPss, .hash = EVP_sha256},
    {.name = "PS384", .family = Family::kRsaPss, .hash = EVP_sha384},
    {.name = "PS512", .family = Family::kRsaPss, .hash = EVP_sha512},
};

// RFC 9864 calls EdDSA with Ed25519 by the name of its curve.
const Algorithm* algorithm_of(std::string_view name) {
  const auto* found =
      std::ranges::find(kAlgorithms, name == "Ed25519" ? "EdDSA" : name, &Algorithm::name);
  return found == std::end(kAlgorithms) ? nullptr : found;
}

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

std::shared_ptr<EVP_PKEY> read_ed25519(const json::Value& object) {
  const auto x = bytes_member(object, "x");
  if (text_member(object, "crv") != "Ed25519" || !x || x->size() != kEd25519Bytes) {
    return nullptr;
  }
  return owned(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, unsigned_bytes(*x), x->size()));
}

std::shared_ptr<EVP_PKEY> read_ec(const json::Value& object, const Algorithm& algorithm) {
  const auto x = bytes_member(object, "x");
  const auto y = bytes_member(object, "y");
  if (text_member(object, "crv") != algorithm.curve || !x || !y ||
      x->size() != algorithm.part_bytes || y->size() != algorithm.part_bytes) {
    return nullptr;
  }
  const std::string point = "\x04" + *x + *y;
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                      algorithm.curve.data(), 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    return nullptr;
  }
  return key_of("EC", builder.get());
}

std::shared_ptr<EVP_PKEY> read_rsa(const json::Value& object) {
  const auto n = bytes_member(object, "n");
  const auto e = bytes_member(object, "e");
  if (!n || !e) {
    return nullptr;
  }
  const BigNumber modulus = big_number(*n);
  const BigNumber exponent = big_number(*e);
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (!modulus || !exponent || !builder || BN_num_bits(modulus.get()) < kRsaBitsMin ||
      BN_num_bits(modulus.get()) > kRsaBitsMax || BN_num_bits(exponent.get()) > 32 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1) {
    return nullptr;
  }
  return key_of("RSA", builder.get());
}

// An algorithm that a key is for: what it names, or else the first of its kind (the key sets of
// several providers name none). Null for a kind that we do not use.
const Algorithm* algorithm_for(const json::Value& object) {
  const auto type = text_member(object, "kty");
  const auto named = text_member(object, "alg");
  if (named || object.member("alg") != nullptr) {
    return algorithm_of(named.value_or(""));
  }
  if (type == "EC") {
    const auto curve = text_member(object, "crv");
    const auto* found = std::ranges::find_if(kAlgorithms, [&](const Algorithm& one) {
      return one.family == Family::kEc && one.curve == curve;
    });
    return found == std::end(kAlgorithms) ? nullptr : found;
  }
  return algorithm_of(type == "OKP" ? "EdDSA" : type == "RSA" ? "RS256" : "");
}

// Whether a key may verify signatures (RFC 7517, sections 4.2 and 4.3).
bool is_for_signatures(const json::Value& object) {
  const auto use = text_member(object, "use");
  const json::Value* member = object.member("key_ops");
  const auto* operations =
      member == nullptr ? nullptr : std::get_if<json::Value::Array>(&member->data);
  return (!use || use == "sig") &&
         (operations == nullptr || std::ranges::any_of(*operations, [](const json::Value& one) {
            const auto* text = std::get_if<std::string>(&one.data);
            return text != nullptr && *text == "verify";
          }));
}

// JWS writes both numbers of a signature one after the other (RFC 7518, section 3.4), OpenSSL reads
// DER. Empty when it is no signature.
std::string der_of(std::string_view signature, std::size_t part_bytes) {
  if (signature.size() != 2 * part_bytes) {
    return {};
  }
  BigNumber r = big_number(signature.substr(0, part_bytes));
  BigNumber s = big_number(signature.substr(part_bytes));
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

// RFC 7518, section 3.5: the salt is as long as the hash.
bool use_pss(EVP_PKEY_CTX* context) {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

}  // namespace

Jwk read_jwk(const json::Value& object) {
  const Algorithm* algorithm = algorithm_for(object);
  if (algorithm == nullptr || !is_for_signatures(object)) {
    return {};
  }
  const auto type = text_member(object, "kty");
  const bool is_any_rsa = algorithm->family == Family::kRsa && object.member("alg") == nullptr;
  Jwk jwk{.key = nullptr, .algorithm = is_any_rsa ? std::string_view() : algorithm->name};
  switch (algorithm->family) {
    case Family::kEd25519:
      jwk.key = type == "OKP" ? read_ed25519(object) : nullptr;
      break;
    case Family::kEc:
      jwk.key = type == "EC" ? read_ec(object, *algorithm) : nullptr;
      break;
    case Family::kRsa:
    case Family::kRsaPss:
      jwk.key = type == "RSA" ? read_rsa(object) : nullptr;
      break;
  }
  return jwk;
}

bool is_for(const Jwk& jwk, std::string_view algorithm) {
  const Algorithm* named = algorithm_of(algorithm);
  if (named == nullptr) {
    return false;
  }
  return jwk.algorithm.empty() ? named->family == Family::kRsa || named->family == Family::kRsaPss
                               : named->name == jwk.algorithm;
}

bool is_signature(const Jwk& jwk, std::string_view algorithm_name, std::string_view signature,
                  std::string_view message) {
  MATRICULA_ASSERT(is_for(jwk, algorithm_name));
  const Algorithm& algorithm = *algorithm_of(algorithm_name);
  const std::string form = algorithm.family == Family::kEc ? der_of(signature, algorithm.part_bytes)
                                                           : std::string(signature);
  const EVP_MD* hash = algorithm.hash == nullptr ? nullptr : algorithm.hash();
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* key_context = nullptr;  // belongs to `context`
  return context && !form.empty() &&
         EVP_DigestVerifyInit(context.get(), &key_context, hash, nullptr, jwk.key.get()) == 1 &&
         (algorithm.family != Family::kRsaPss || use_pss(key_context)) &&
         EVP_DigestVerify(context.get(), unsigned_bytes(form), form.size(), unsigned_bytes(message),
                          message.size()) == 1;
}

}  // namespace matricula::auth
