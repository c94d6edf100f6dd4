#pragma once

#include <boost/system/error_code.hpp>
#include <memory>
#include <openssl/ssl.h>
#include <string_view>

#include "base/log.h"
#include "base/result.h"
#include "http/server.h"

namespace matricula::http {

struct SslContextFree {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using SslContext = std::unique_ptr<SSL_CTX, SslContextFree>;

// A server's context: TLS 1.2 and later, with forward secrecy and authenticated encryption only,
// HTTP/1.1 by ALPN, no renegotiation. Fails with kIo, naming the file and what to do, when a file
// cannot be read, the two do not belong together, or the key can be read or written by any user of
// the system; and where OpenSSL cannot be set up.
Result<SslContext> make_tls_context(const TlsFiles& files);

// Logs that a client does not speak TLS, if its handshake failed for that reason: the connection
// carries no answer that such a client could read, so the log alone says why.
void log_failed_handshake(const boost::system::error_code& error, std::string_view client,
                          Logger& logger);

}  // namespace matricula::http
