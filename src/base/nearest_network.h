#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace matricula {

// The network that is meant by an address with bits beyond its prefix, which parse_network()
// refuses: 10.0.0.0/8 for 10.0.0.1/8. nullopt for all other text.
std::optional<std::string> nearest_network(std::string_view text);

}  // namespace matricula
