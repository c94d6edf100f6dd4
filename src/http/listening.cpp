#include "http/listening.h"

#include <boost/asio/io_context.hpp>
#include <string>

#include "http/server_check.h"
#include "http/tls.h"

namespace matricula::http {
namespace {

namespace asio = boost::asio;
using SystemError = boost::system::error_code;

std::string endpoint_text(const ServerConfig& config) {
  const bool v6 = config.address.find(':') != std::string::npos;
  return (v6 ? "[" + config.address + "]" : config.address) + ":" + std::to_string(config.port);
}

Result<asio::ip::tcp::endpoint> read_endpoint(const ServerConfig& config) {
  std::string_view text = config.address;
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
  }
  SystemError error;
  const asio::ip::address address = asio::ip::make_address(std::string(text), error);
  if (error) {
    return fail(ErrorCode::kUsage,
                "The listen address \"" + config.address +
                    "\" is not an IP address. Give one such as 127.0.0.1, 0.0.0.0, ::1 or ::.");
  }
  return asio::ip::tcp::endpoint(address, config.port);
}

// SO_REUSEPORT lets two servers share a port without either noticing. A bind without it fails as
// long as anyone listens there.
SystemError check_port_is_free(const asio::ip::tcp::endpoint& endpoint) {
  asio::io_context io;
  asio::ip::tcp::acceptor probe(io);
  SystemError error;
  probe.open(endpoint.protocol(), error);
  if (!error) {
    probe.set_option(asio::ip::tcp::acceptor::reuse_address(true), error);
  }
  if (!error) {
    probe.bind(endpoint, error);
  }
  return error;
}

}  // namespace

tl::unexpected<Error> listening_failure(const ServerConfig& config, const SystemError& error) {
  const std::string place = endpoint_text(config);
  std::string message = "Cannot listen on " + place + ": " + error.message() + ".";
  if (error == asio::error::address_in_use) {
    message = "Cannot listen on " + place +
              ": the port is in use. Stop the program that has it, or choose another port.";
  } else if (error == asio::error::access_denied) {
    message = "Cannot listen on " + place +
              ": not permitted. Choose a port above 1023, or grant CAP_NET_BIND_SERVICE.";
  } else if (error.value() == EADDRNOTAVAIL) {
    message = "Cannot listen on " + place +
              ": this machine does not have that address. Choose one of its own, or 0.0.0.0 or :: "
              "for all.";
  } else if (error.value() == EAFNOSUPPORT) {
    message = "Cannot listen on " + place +
              ": this machine has no IPv6. Choose an IPv4 address such as 0.0.0.0.";
  } else if (error.value() == EMFILE || error.value() == ENFILE) {
    message = "Cannot listen on " + place +
              ": too many files are open. Raise the limit (ulimit -n, LimitNOFILE=).";
  }
  return fail(ErrorCode::kIo, std::move(message), {.internal = error.message()});
}

Result<asio::ip::tcp::endpoint> check_listening(const ServerConfig& config) {
  MATRICULA_TRY(asio::ip::tcp::endpoint endpoint, read_endpoint(config));
  if (const SystemError error = check_port_is_free(endpoint)) {
    return listening_failure(config, error);
  }
  return endpoint;
}

Result<void> check_server(const ServerConfig& config) {
  MATRICULA_CHECK(check_listening(config));
  if (config.tls) {
    MATRICULA_TRY([[maybe_unused]] const SslContext context, make_tls_context(*config.tls));
  }
  return {};
}

}  // namespace matricula::http
