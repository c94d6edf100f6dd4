#pragma once

// For tests: an identity provider with keys of its own.

#include <memory>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <string>

#include "base/text.h"

namespace matricula::auth {

using EvpKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

inline std::string number_member(const EvpKey& key, const char* name, int bytes) {
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

  struct SigningOptions {
    const EVP_MD* hash = EVP_sha256();
    bool pss = false;
  };
  static std::string sign(const EvpKey& key, const std::string& message) {
    return sign(key, message, SigningOptions{});
  }
  static std::string sign(const EvpKey& key, const std::string& message,
                          const SigningOptions& options) {
    const bool is_ed = EVP_PKEY_is_a(key.get(), "ED25519") == 1;
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                    EVP_MD_CTX_free};
    EVP_PKEY_CTX* settings = nullptr;
    EVP_DigestSignInit(context.get(), &settings, is_ed ? nullptr : options.hash, nullptr,
                       key.get());
    if (options.pss) {
      EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING);
      EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST);
    }
    std::string signature(512, '\0');
    std::size_t length = signature.size();
    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                   reinterpret_cast<const unsigned char*>(message.data()), message.size());
    signature.resize(length);
    const int part_bytes = (EVP_PKEY_get_bits(key.get()) + 7) / 8;
    return EVP_PKEY_is_a(key.get(), "EC") == 1 ? from_der(signature, part_bytes) : signature;
  }

  static std::string from_der(const std::string& der, int part_bytes) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    ECDSA_SIG* numbers = d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size()));
    std::string both(static_cast<std::size_t>(2 * part_bytes), '\0');
    auto* out = reinterpret_cast<unsigned char*>(both.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(numbers), out, part_bytes);
    BN_bn2binpad(ECDSA_SIG_get0_s(numbers), out + part_bytes, part_bytes);
    ECDSA_SIG_free(numbers);
    return both;
  }
};

inline std::string ec_jwk(const EvpKey& key, const std::string& curve, int part_bytes) {
  return R"({"kty":"EC","crv":")" + curve + R"(","x":")" +
         number_member(key, OSSL_PKEY_PARAM_EC_PUB_X, part_bytes) + R"(","y":")" +
         number_member(key, OSSL_PKEY_PARAM_EC_PUB_Y, part_bytes) + "\"}";
}

}  // namespace matricula::auth
