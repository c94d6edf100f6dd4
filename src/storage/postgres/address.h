#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace matricula::storage::postgres {

// Where a store is, as libpq's keywords and values.
struct Address {
  std::vector<std::pair<std::string, std::string>> options;
  std::string shown;  // for messages: host, port and database, never a password

  // The value of an option; empty where there is none.
  std::string_view option(std::string_view keyword) const;
  // The same, or libpq's default from the environment.
  std::string option_or_default(std::string_view keyword) const;
  // The values of an option that takes several, separated by commas; a single empty one where there
  // is none.
  std::vector<std::string> list(std::string_view keyword) const;
};

// Of a list() the value for the i-th server: a single one is for all of them; empty beyond the end.
std::string nth_of(const std::vector<std::string>& list, std::size_t i);

// A server as a URL names it.
std::string shown_host(std::string_view host, std::string_view port);

bool is_address(std::string_view url);

// Takes a postgresql:// URL apart. An error is kUsage and names what is wrong, without secrets.
Result<Address> parse_address(std::string_view url);

}  // namespace matricula::storage::postgres
