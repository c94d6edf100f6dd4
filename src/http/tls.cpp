#include "http/tls.h"

#include <array>
#include <openssl/err.h>
#include <string>

#include "base/assert.h"

namespace matricula::http {
namespace {

std::string openssl_errors() {
  std::string text;
  while (const unsigned long code = ERR_get_error()) {
    std::array<char, 256> line{};
    ERR_error_string_n(code, line.data(), line.size());
    text += text.empty() ? "" : "; ";
    text += line.data();
  }
  return text;
}

tl::unexpected<Error> refuse(std::string message) {
  return fail(ErrorCode::kIo, std::move(message), {.internal = openssl_errors()});
}

int select_http_1_1(SSL*, const unsigned char** out, unsigned char* out_length,
                    const unsigned char* offered, unsigned offered_length, void*) {
  static constexpr unsigned char kOurs[] = "\x08http/1.1";
  unsigned char* selected = nullptr;
  const int result = SSL_select_next_proto(&selected, out_length, kOurs, sizeof(kOurs) - 1, offered,
                                           offered_length);
  *out = selected;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

Result<SslContext> make_tls_context(const TlsFiles& files) {
  ERR_clear_error();
  SslContext context(SSL_CTX_new(TLS_server_method()));
  MATRICULA_ASSERT(context != nullptr);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                         SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(context.get(), select_http_1_1, nullptr);
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate_chain.c_str()) != 1) {
    return refuse("The TLS certificate \"" + files.certificate_chain +
                  "\" cannot be used. Give a readable PEM file with the server's certificate "
                  "first.");
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.private_key.c_str(), SSL_FILETYPE_PEM) !=
      1) {
    return refuse("The TLS key \"" + files.private_key +
                  "\" cannot be used. Give a readable PEM file with the unencrypted private key "
                  "of the certificate \"" +
                  files.certificate_chain + "\".");
  }
  return context;
}

}  // namespace matricula::http
