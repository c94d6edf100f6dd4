#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace matricula {

// A range of addresses: the first `prefix_bits` of 128. IPv4 is kept as ::ffff:a.b.c.d, so that a
// client counts the same however the socket writes its address.
struct Network {
  std::array<std::uint8_t, 16> address = {};  // zero beyond the prefix
  std::uint8_t prefix_bits = 128;
  bool operator==(const Network&) const = default;
};

// Reads `192.0.2.0/24`, `2001:db8::/32` or a single address. Nothing for other text and for an
// address with bits beyond its prefix, which is most often a slip.
std::optional<Network> parse_network(std::string_view text);
// The network that is meant by an address with bits beyond its prefix, which parse_network()
// refuses: 10.0.0.0/8 for 10.0.0.1/8. nullopt for all other text.
std::optional<std::string> nearest_network(std::string_view text);
std::string network_text(const Network& network);
// The addresses that count as one client, which the address, as text, is one of: an IPv4 address
// alone, also where it is written as IPv6 (::ffff:a.b.c.d, or 64:ff9b::a.b.c.d of a translator, RFC
// 6052); of IPv6 64 bits, among whose addresses a host chooses freely. nullopt for what is no
// address.
std::optional<Network> client_network(std::string_view address);
// What tells a client_network() from others: 4 bytes of IPv4, else 8. Borrowed.
std::span<const std::uint8_t> client_bytes(const Network& network);
// Whether a network is of IPv4: within ::ffff:0:0/96.
bool is_ipv4(const Network& network);
// Whether the address, as text, is within; false for what is no address.
bool contains(const Network& network, std::string_view address);

}  // namespace matricula
