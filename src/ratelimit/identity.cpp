#include "ratelimit/identity.h"

#include <sodium.h>
#include <span>
#include <string>

#include "base/network.h"

namespace matricula::ratelimit {
namespace {

// The part of an address that is counted: 4 bytes of IPv4, 8 of IPv6, else the text itself.
std::string counted_part(std::string_view address) {
  const auto network = client_network(address);
  if (!network) {
    return std::string(address.substr(0, 64));
  }
  const std::span<const std::uint8_t> bytes = client_bytes(*network);
  return {bytes.begin(), bytes.end()};
}

const unsigned char* unsigned_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

Identity identity_of(IdentityKind kind, std::string_view name) {
  Identity identity;
  const auto key = static_cast<std::uint8_t>(kind);
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, identity.digest.size());
  crypto_generichash_update(&state, &key, 1);
  crypto_generichash_update(&state, unsigned_bytes(name), name.size());
  crypto_generichash_final(&state, identity.digest.data(), identity.digest.size());
  return identity;
}

Identity address_identity(std::string_view address) {
  return identity_of(IdentityKind::kAddress, counted_part(address));
}

Identity address_identity(IdentityKind kind, std::string_view address, std::string_view name) {
  // The length in front keeps the border between address and name.
  const std::string part = counted_part(address);
  std::string both(1, static_cast<char>(part.size()));
  both.append(part).append(name);
  return identity_of(kind, both);
}

}  // namespace matricula::ratelimit
