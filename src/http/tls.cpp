#include "http/tls.h"

#include <array>
#include <boost/asio/ssl/error.hpp>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <string>
#include <sys/stat.h>

namespace matricula::http {
namespace {

// Memory that runs out, or a system whose settings forbid what we need.
constexpr std::string_view kNoContext = "OpenSSL cannot be set up for TLS on this system.";

// Whether the last error says that the certificate, or one of its chain, is not secure enough.
bool is_too_weak() {
  const unsigned long error = ERR_peek_last_error();
  const int reason = ERR_GET_REASON(error);
  return ERR_GET_LIB(error) == ERR_LIB_SSL &&
         (reason == SSL_R_EE_KEY_TOO_SMALL || reason == SSL_R_CA_KEY_TOO_SMALL ||
          reason == SSL_R_CA_MD_TOO_WEAK);
}

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

// A server that asks for a pass phrase on its terminal waits there for ever.
int no_pass_phrase(char*, int, int, void*) {
  return -1;
}

// OpenSSL would wait for the writer of a pipe, which SIGTERM does not end. What is not there is
// left to it.
Result<void> check_regular(std::string_view what, const std::string& path) {
  struct stat status = {};
  return ::stat(path.c_str(), &status) != 0 || S_ISREG(status.st_mode)
             ? Result<void>()
             : fail(ErrorCode::kIo,
                    fmt::format("The TLS {} \"{}\" is not a regular file. Give a PEM "
                                "file.",
                                what, path));
}

Result<void> check_private(const std::string& key) {
  struct stat status = {};
  if (::stat(key.c_str(), &status) == 0 && (status.st_mode & (S_IROTH | S_IWOTH)) != 0) {
    return fail(ErrorCode::kIo,
                "Every user of the system may read or write the TLS key \"" + key +
                    "\". Take that away (chmod o-rwx), and change the key if others "
                    "may have read it.");
  }
  return {};
}

}  // namespace

Result<SslContext> make_tls_context(const TlsFiles& files) {
  ERR_clear_error();
  SslContext context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr) {
    return refuse(std::string(kNoContext));
  }
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                         SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Without DHE: it needs parameters, and every client that lacks ECDHE lacks TLS 1.2 as well.
  if (SSL_CTX_set_cipher_list(context.get(), "ECDHE+AESGCM:ECDHE+CHACHA20") != 1) {
    return refuse(std::string(kNoContext));
  }
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // One call of the system for a record in place of two.
  SSL_CTX_set_read_ahead(context.get(), 1);
  SSL_CTX_set_default_passwd_cb(context.get(), no_pass_phrase);
  SSL_CTX_set_alpn_select_cb(context.get(), select_http_1_1, nullptr);
  MATRICULA_CHECK(check_regular("certificate", files.certificate_chain));
  MATRICULA_CHECK(check_regular("key", files.private_key));
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate_chain.c_str()) != 1) {
    if (is_too_weak()) {
      return refuse("The TLS certificate \"" + files.certificate_chain +
                    "\", or one that it was signed with, has a key or a signature that is too "
                    "weak. Use RSA with at least 2048 bits or an elliptic curve, and SHA-256.");
    }
    return refuse("The TLS certificate \"" + files.certificate_chain +
                  "\" cannot be used. Give a readable PEM file with the server's certificate "
                  "first.");
  }
  MATRICULA_CHECK(check_private(files.private_key));
  const bool is_key =
      SSL_CTX_use_PrivateKey_file(context.get(), files.private_key.c_str(), SSL_FILETYPE_PEM) == 1;
  if (!is_key && ERR_GET_REASON(ERR_peek_last_error()) != X509_R_KEY_VALUES_MISMATCH) {
    return refuse("The TLS key \"" + files.private_key +
                  "\" cannot be used. Give a readable PEM file with the unencrypted private key "
                  "of the certificate \"" +
                  files.certificate_chain + "\".");
  }
  // A key of another kind than the certificate's is loaded without an error, and never used.
  if (!is_key || SSL_CTX_check_private_key(context.get()) != 1) {
    return refuse("The TLS key \"" + files.private_key +
                  "\" does not belong to the certificate \"" + files.certificate_chain +
                  "\". Give the private key of that certificate.");
  }
  return context;
}

void log_failed_handshake(const boost::system::error_code& error, std::string_view client,
                          Logger& logger) {
  if (error.category() != boost::asio::error::get_ssl_category()) {
    return;
  }
  // OpenSSL knows some methods of HTTP; the others are a TLS version that does not exist.
  const int reason = ERR_GET_REASON(static_cast<unsigned long>(error.value()));
  if (reason == SSL_R_HTTP_REQUEST || reason == SSL_R_HTTPS_PROXY_REQUEST ||
      reason == SSL_R_WRONG_VERSION_NUMBER) {
    logger.log(LogLevel::kWarning,
               "a client does not speak TLS, which this port does: https:// in the address?",
               {{"client", client}});
  }
}

}  // namespace matricula::http
