#pragma once

#include <boost/asio/ip/tcp.hpp>

#include "base/result.h"
#include "http/server.h"

namespace matricula::http {

// Where a server could listen now; nothing is kept of the attempt. kUsage, naming what was given,
// where its address is none; kIo, with the remedy, where the address is not this machine's or the
// port is not to be had.
Result<boost::asio::ip::tcp::endpoint> check_listening(const ServerConfig& config);

// The error of a server that cannot listen, with the remedy where that is known.
tl::unexpected<Error> listening_failure(const ServerConfig& config,
                                        const boost::system::error_code& error);

}  // namespace matricula::http
