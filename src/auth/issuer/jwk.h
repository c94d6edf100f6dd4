#pragma once

#include <memory>
#include <openssl/evp.h>
#include <string_view>

#include "json/value.h"

namespace matricula::auth {

// A public key and the algorithm that it is for; `key` is null for a kind that we do not use.
struct Jwk {
  std::shared_ptr<EVP_PKEY> key;
  std::string_view algorithm = {};  // empty for an RSA key that names none: all of RSA
};

// Reads a JSON Web Key (RFC 7517, 7518, 8037): Ed25519 (EdDSA), P-256, P-384 and P-521 (ES256,
// ES384, ES512), RSA of 2048 bits or more (RS256 to RS512 and PS256 to PS512, or that of them which
// `alg` names).
Jwk read_jwk(const json::Value& object);

// Whether the key is for the algorithm of this name.
bool is_for(const Jwk& jwk, std::string_view algorithm);

// Whether the signature, in the form of JWS, is by the key. Precondition: is_for().
bool is_signature(const Jwk& jwk, std::string_view algorithm, std::string_view signature,
                  std::string_view message);

}  // namespace matricula::auth
