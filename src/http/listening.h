#pragma once

#include <boost/asio/ip/tcp.hpp>

#include "base/result.h"
#include "http/server.h"

namespace matricula::http {

// The endpoint where a server could listen now; the attempt leaves nothing open. kUsage, naming the
// text, where it is no address; kIo, with the remedy, where the address is not this machine's or
// the port is taken.
Result<boost::asio::ip::tcp::endpoint> check_listening(const ServerConfig& config);

// The error of a server that cannot listen, with the remedy where that is known.
tl::unexpected<Error> listening_failure(const ServerConfig& config,
                                        const boost::system::error_code& error);

}  // namespace matricula::http
