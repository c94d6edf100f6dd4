#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/network.h"
#include "base/result.h"

namespace matricula::auth {

inline constexpr std::size_t kNetworksMax = 100;

// The endpoints for API tokens, by the names of their folders in domains/.
inline constexpr std::string_view kDataEndpoints[] = {
    "catalog", "program-progress", "assessment-progress", "learning-plan-progress"};

// From where, and for which endpoints, a credential and its tokens may be used. An empty list does
// not restrict.
struct Restrictions {
  std::vector<Network> networks = {};
  std::vector<std::string> endpoints = {};  // of kDataEndpoints

  bool allow_address(std::string_view address) const;
  bool allow_endpoint(std::string_view endpoint) const;
  bool operator==(const Restrictions&) const = default;
};

// From what an operator typed; kBadUserInput that names what is no network or no data endpoint.
Result<Restrictions> parse_restrictions(const std::vector<std::string>& networks,
                                        const std::vector<std::string>& endpoints);

// As kept in the store: texts with a blank between them.
std::string networks_column(const Restrictions& restrictions);
std::string endpoints_column(const Restrictions& restrictions);
Restrictions restrictions_of(std::string_view networks_column, std::string_view endpoints_column);

}  // namespace matricula::auth
