#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace matricula::ratelimit {

// What kind of thing is counted; two kinds never share a count.
enum class IdentityKind : std::uint8_t {
  kAddress,           // a client's address without authentication
  kCredential,        // the client credential behind a token
  kToken,             // a token that a user made
  kUser,              // a logged-in user
  kAddressAndClient,  // generateToken: an address together with a client id
  kAddressAndEmail,   // login: an address together with an e-mail address
  kCompany,           // all identities of a company together
  kLogin,             // logins that succeed: an e-mail address
};

// Who is counted: a digest of kind and name, so that every identity costs the same memory.
struct Identity {
  std::array<std::uint8_t, 16> digest = {};
  bool operator==(const Identity&) const = default;
};

// 64 bits of the digest, for what may take two identities for one.
inline std::uint64_t short_hash(const Identity& identity) {
  std::uint64_t hash = 0;
  std::memcpy(&hash, identity.digest.data(), sizeof hash);
  return hash;
}

// The identity of a name within its kind. Computed once and kept where it is used often.
Identity identity_of(IdentityKind kind, std::string_view name);

// The identity of a client's address in text form: what counts is its client_network(). Text that
// is no address counts as it is.
Identity address_identity(std::string_view address);

// The identity of an address, counted as above, together with a name.
Identity address_identity(IdentityKind kind, std::string_view address, std::string_view name);

}  // namespace matricula::ratelimit
