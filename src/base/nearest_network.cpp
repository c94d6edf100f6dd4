#include "base/nearest_network.h"

#include <algorithm>
#include <charconv>

#include "base/network.h"

namespace matricula {

std::optional<std::string> nearest_network(std::string_view text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  auto network = parse_network(text.substr(0, slash));
  if (!network || slash == text.size() || parse_network(text)) {
    return std::nullopt;
  }
  const bool is_ipv4 = text.find(':') == std::string_view::npos;
  const unsigned bits_max = is_ipv4 ? 32 : 128;
  unsigned bits = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data() + slash + 1, end, bits);
  if (problem != std::errc() || rest != end || bits > bits_max) {
    return std::nullopt;
  }
  bits += is_ipv4 ? 96 : 0;
  for (unsigned bit = bits; bit < 128; ++bit) {
    network->address[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> (bit % 8)));
  }
  network->prefix_bits = static_cast<std::uint8_t>(bits);
  return network_text(*network);
}

}  // namespace matricula
