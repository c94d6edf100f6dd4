#pragma once

#include <memory>
#include <openssl/evp.h>
#include <string_view>

#include "json/value.h"

namespace matricula::auth {

// A public key and the one algorithm that it is for; `key` is null for a kind that we do not use.
struct Jwk {
  std::shared_ptr<EVP_PKEY> key;
  std::string_view algorithm = {};
};

// Reads a JSON Web Key (RFC 7517, 7518, 8037): Ed25519, P-256, RSA of 2048 bits or more.
Jwk read_jwk(const json::Value& object);

// Whether the signature, in the form of JWS, is by the key.
bool is_signature(const Jwk& jwk, std::string_view signature, std::string_view message);

}  // namespace matricula::auth
