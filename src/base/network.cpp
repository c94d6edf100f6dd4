#include "base/network.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>

namespace matricula {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned kMappedBits = 96;
// The well-known prefix of IPv4 addresses behind a translator.
constexpr std::array<std::uint8_t, 12> kTranslatedPrefix = {0, 0x64, 0xff, 0x9b};
constexpr std::uint8_t kClientBits = 64;
constexpr unsigned kBits = 128;

struct Address {
  std::array<std::uint8_t, 16> bytes = {};
  bool is_ipv4 = false;
};

std::optional<Address> parse_address(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) {
    return std::nullopt;  // the copy would end there
  }
  const std::string copy(text.substr(0, 64));
  Address address;
  if (inet_pton(AF_INET6, copy.c_str(), address.bytes.data()) == 1) {
    return address;
  }
  std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes.begin());
  address.is_ipv4 = true;
  return inet_pton(AF_INET, copy.c_str(), address.bytes.data() + kMappedPrefix.size()) == 1
             ? std::optional(address)
             : std::nullopt;
}

std::array<std::uint8_t, 16> masked(const std::array<std::uint8_t, 16>& address, unsigned bits) {
  std::array<std::uint8_t, 16> kept = {};
  for (unsigned i = 0; i < kept.size() && i * 8 < bits; ++i) {
    const unsigned inside = std::min(8U, bits - i * 8);
    kept[i] = static_cast<std::uint8_t>(address[i] & (0xff00U >> inside));
  }
  return kept;
}

// What the text says, which may have bits beyond the prefix.
std::optional<Network> read_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) {
    return std::nullopt;
  }
  unsigned bits = kBits;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const char* end = digits.data() + digits.size();
    const auto [rest, problem] = std::from_chars(digits.data(), end, bits);
    const unsigned most = address->is_ipv4 ? kBits - kMappedBits : kBits;
    if (problem != std::errc() || rest != end || bits > most) {
      return std::nullopt;
    }
    bits += address->is_ipv4 ? kMappedBits : 0;
  }
  return Network{.address = address->bytes, .prefix_bits = static_cast<std::uint8_t>(bits)};
}

Network without_bits_beyond_prefix(const Network& network) {
  return {.address = masked(network.address, network.prefix_bits),
          .prefix_bits = network.prefix_bits};
}

}  // namespace

std::optional<Network> parse_network(std::string_view text) {
  const auto network = read_network(text);
  return network && without_bits_beyond_prefix(*network) == *network ? network : std::nullopt;
}

std::optional<std::string> nearest_network(std::string_view text) {
  const auto network = read_network(text);
  if (!network) {
    return std::nullopt;
  }
  const Network nearest = without_bits_beyond_prefix(*network);
  return nearest == *network ? std::nullopt : std::optional(network_text(nearest));
}

std::string network_text(const Network& network) {
  const bool is_short = is_ipv4(network);
  std::array<char, INET6_ADDRSTRLEN> text = {};
  const std::uint8_t* bytes = network.address.data() + (is_short ? kMappedPrefix.size() : 0);
  inet_ntop(is_short ? AF_INET : AF_INET6, bytes, text.data(), text.size());
  const unsigned bits = network.prefix_bits - (is_short ? kMappedBits : 0);
  return std::string(text.data()) + "/" + std::to_string(bits);
}

bool is_ipv4(const Network& network) {
  return network.prefix_bits >= kMappedBits &&
         std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), network.address.begin());
}

std::optional<Network> client_network(std::string_view address) {
  const auto parsed = parse_address(address);
  if (!parsed) {
    return std::nullopt;
  }
  Network network{.address = parsed->bytes};
  if (std::equal(kTranslatedPrefix.begin(), kTranslatedPrefix.end(), network.address.begin())) {
    std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), network.address.begin());
  }
  return is_ipv4(network)
             ? network
             : Network{.address = masked(network.address, kClientBits), .prefix_bits = kClientBits};
}

std::span<const std::uint8_t> client_bytes(const Network& network) {
  const std::span<const std::uint8_t> bytes(network.address);
  return is_ipv4(network) ? bytes.subspan(kMappedPrefix.size()) : bytes.first(kClientBits / 8);
}

bool contains(const Network& network, std::string_view address) {
  const auto parsed = parse_address(address);
  return parsed && masked(parsed->bytes, network.prefix_bits) == network.address;
}

}  // namespace matricula
