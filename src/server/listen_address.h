#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace matricula::server {

// Where a server listens.
struct ListenAddress {
  std::string host;  // without brackets
  std::uint16_t port = 0;
};

// Reads ADDRESS:PORT, with brackets around an IPv6 address. kUsage, naming `option`, for other
// text.
Result<ListenAddress> read_listen_address(std::string_view option, const std::string& text);

// The URL of an address under the port that was chosen there.
std::string url_of(std::string_view scheme, const ListenAddress& address, std::uint16_t port);

// Where a client on this machine finds a server at the address: that of the loopback for one that
// stands for all.
ListenAddress client_address(const ListenAddress& address);

}  // namespace matricula::server
