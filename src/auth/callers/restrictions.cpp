#include "auth/callers/restrictions.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

#include "base/join.h"

namespace matricula::auth {
namespace {

std::vector<std::string> words_of(std::string_view column) {
  std::vector<std::string> words;
  while (!column.empty()) {
    const std::size_t blank = std::min(column.find(' '), column.size());
    words.emplace_back(column.substr(0, blank));
    column.remove_prefix(std::min(blank + 1, column.size()));
  }
  return words;
}

void append_word(std::string& column, std::string_view word) {
  column.append(column.empty() ? "" : " ").append(word);
}

}  // namespace

bool Restrictions::allow_address(std::string_view address) const {
  return networks.empty() ||
         std::any_of(networks.begin(), networks.end(),
                     [&](const Network& network) { return contains(network, address); });
}

bool Restrictions::allow_endpoint(std::string_view endpoint) const {
  return endpoints.empty() ||
         std::find(endpoints.begin(), endpoints.end(), endpoint) != endpoints.end();
}

Result<Restrictions> parse_restrictions(const std::vector<std::string>& networks,
                                        const std::vector<std::string>& endpoints) {
  if (networks.size() > kNetworksMax) {
    return fail(ErrorCode::kBadUserInput,
                fmt::format("A credential may have at most {} networks.", kNetworksMax));
  }
  Restrictions restrictions;
  for (const std::string& text : networks) {
    const auto network = parse_network(text);
    if (!network) {
      const auto meant = nearest_network(text);
      return fail(
          ErrorCode::kBadUserInput,
          meant ? fmt::format("\"{}\" has bits behind its prefix; the network is {}.", text, *meant)
                : fmt::format("\"{}\" is not a network such as 192.0.2.0/24 or 2001:db8::/32.",
                              text));
    }
    restrictions.networks.push_back(*network);
  }
  for (const std::string& name : endpoints) {
    if (std::find(std::begin(kDataEndpoints), std::end(kDataEndpoints), name) ==
        std::end(kDataEndpoints)) {
      return fail(ErrorCode::kBadUserInput,
                  fmt::format("\"{}\" is not a data endpoint; there are {}.", name,
                              joined(kDataEndpoints)));
    }
    if (std::find(restrictions.endpoints.begin(), restrictions.endpoints.end(), name) ==
        restrictions.endpoints.end()) {
      restrictions.endpoints.push_back(name);
    }
  }
  return restrictions;
}

std::string networks_column(const Restrictions& restrictions) {
  std::string column;
  for (const Network& network : restrictions.networks) {
    append_word(column, network_text(network));
  }
  return column;
}

std::string endpoints_column(const Restrictions& restrictions) {
  std::string column;
  for (const std::string& endpoint : restrictions.endpoints) {
    append_word(column, endpoint);
  }
  return column;
}

Restrictions restrictions_of(std::string_view networks_column, std::string_view endpoints_column) {
  Restrictions restrictions{.endpoints = words_of(endpoints_column)};
  for (const std::string& word : words_of(networks_column)) {
    // What cannot be read still restricts: ::/128 is no client's address.
    const auto network = parse_network(word);
    restrictions.networks.push_back(network.value_or(Network{}));
  }
  return restrictions;
}

}  // namespace matricula::auth
