#include "server/listen_address.h"

#include <arpa/inet.h>
#include <charconv>
#include <cstring>
#include <fmt/format.h>
#include <netinet/in.h>

namespace matricula::server {

Result<ListenAddress> read_listen_address(std::string_view option, const std::string& text) {
  const std::size_t colon = text.rfind(':');
  const auto wrong = [&] {
    return fail(ErrorCode::kUsage,
                fmt::format("{} {}: not an address and a port; write 127.0.0.1:8080 or [::1]:8080",
                            option, text));
  };
  if (colon == std::string::npos || colon + 1 == text.size()) {
    return wrong();
  }
  ListenAddress address{.host = text.substr(0, colon)};
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  const char* end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data() + colon + 1, end, address.port);
  if (error == std::errc::result_out_of_range) {
    return fail(ErrorCode::kUsage,
                fmt::format("{} {}: a port is a number from 0 to 65535", option, text));
  }
  if (error != std::errc() || parsed != end || address.host.empty()) {
    return wrong();
  }
  return address;
}

std::string url_of(std::string_view scheme, const ListenAddress& address, std::uint16_t port) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", scheme, v6 ? "[" : "", address.host, v6 ? "]" : "", port);
}

ListenAddress client_address(const ListenAddress& address) {
  in_addr v4{};
  if (inet_pton(AF_INET, address.host.c_str(), &v4) == 1 && v4.s_addr == INADDR_ANY) {
    return {.host = "127.0.0.1", .port = address.port};
  }
  in6_addr v6{};
  if (inet_pton(AF_INET6, address.host.c_str(), &v6) == 1 &&
      std::memcmp(&v6, &in6addr_any, sizeof v6) == 0) {
    return {.host = "::1", .port = address.port};
  }
  return address;
}

}  // namespace matricula::server
