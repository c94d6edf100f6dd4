#pragma once

#include <array>
#include <cstdint>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string>
#include <string_view>
#include <utility>

#include "base/assert.h"
#include "http/testing_client.h"

namespace matricula::http {

// For tests: a TLS client of one version, which checks no certificate.
class TlsClient {
 public:
  TlsClient(std::uint16_t port, int version, const char* cipher = nullptr)
      : tcp_(port), context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_security_level(context_, 0);
    SSL_CTX_set_min_proto_version(context_, version);
    SSL_CTX_set_max_proto_version(context_, version);
    if (cipher != nullptr) {
      MATRICULA_ASSERT(SSL_CTX_set_cipher_list(context_, cipher) == 1);
    }
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, tcp_.descriptor());
    static constexpr unsigned char kProtocols[] = "\x02h2\x08http/1.1";
    SSL_set_alpn_protos(ssl_, kProtocols, sizeof(kProtocols) - 1);
    connected_ = SSL_connect(ssl_) == 1;
  }
  ~TlsClient() { forget(); }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  bool connected() const { return connected_; }
  // Frees all that TLS takes here, and leaves the connection open.
  void forget() {
    SSL_free(std::exchange(ssl_, nullptr));
    SSL_CTX_free(std::exchange(context_, nullptr));
  }
  std::string protocol() const {
    const unsigned char* name = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(ssl_, &name, &length);
    return {reinterpret_cast<const char*>(name), length};
  }
  // The certificate that the server has shown, as its signature.
  std::string server_certificate() const {
    X509* const certificate = SSL_get0_peer_certificate(ssl_);
    const ASN1_BIT_STRING* signature = nullptr;
    X509_get0_signature(&signature, nullptr, certificate);
    return {reinterpret_cast<const char*>(signature->data),
            static_cast<std::size_t>(signature->length)};
  }
  void send(std::string_view bytes) {
    MATRICULA_ASSERT(SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) > 0);
  }
  // Everything up to `size` bytes or to the orderly end of the connection.
  std::string read(std::size_t size) {
    std::string all;
    std::array<char, 16384> bytes{};
    while (all.size() < size) {
      const int count = SSL_read(ssl_, bytes.data(), static_cast<int>(bytes.size()));
      if (count <= 0) {
        ended_well_ = SSL_get_error(ssl_, count) == SSL_ERROR_ZERO_RETURN;
        break;
      }
      all.append(bytes.data(), static_cast<std::size_t>(count));
    }
    return all;
  }
  bool ended_well() const { return ended_well_; }
  void finish() {
    SSL_shutdown(ssl_);
    tcp_.finish_sending();
  }

 private:
  RawClient tcp_;
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
  bool connected_ = false;
  bool ended_well_ = false;
};

}  // namespace matricula::http
