#include "http/tls_socket.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <cerrno>
#include <limits>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include "base/assert.h"

namespace matricula::http {
namespace {

namespace asio = boost::asio;

// A socket that was closed has the descriptor -1, whatever its number belongs to by now.
int descriptor_of(BIO* bio) {
  return static_cast<Socket*>(BIO_get_data(bio))->native_handle();
}

bool is_to_be_tried_again(ssize_t count) {
  return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

int read_socket(BIO* bio, char* room, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = ::recv(descriptor_of(bio), room, static_cast<std::size_t>(size), 0);
  if (is_to_be_tried_again(count)) {
    BIO_set_retry_read(bio);
  }
  return static_cast<int>(count);
}

int write_socket(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t count =
      ::send(descriptor_of(bio), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (is_to_be_tried_again(count)) {
    BIO_set_retry_write(bio);
  }
  return static_cast<int>(count);
}

long control_socket(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

// OpenSSL's own socket BIO keeps the number of the descriptor, and raises SIGPIPE.
const BIO_METHOD* socket_method() {
  struct Free {
    void operator()(BIO_METHOD* method) const { BIO_meth_free(method); }
  };
  static const std::unique_ptr<BIO_METHOD, Free> kMethod = [] {
    std::unique_ptr<BIO_METHOD, Free> method(
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "matricula socket"));
    MATRICULA_ASSERT(method != nullptr);
    BIO_meth_set_read(method.get(), read_socket);
    BIO_meth_set_write(method.get(), write_socket);
    BIO_meth_set_ctrl(method.get(), control_socket);
    return method;
  }();
  return kMethod.get();
}

}  // namespace

int TlsSocket::length_of(std::size_t size) {
  return static_cast<int>(
      std::min<std::size_t>(size, static_cast<std::size_t>(std::numeric_limits<int>::max())));
}

IoError TlsSocket::begin() {
  IoError error;
  socket_.non_blocking(true, error);
  if (error) {
    return error;
  }
  ssl_.reset(SSL_new(context_.get()));
  context_.reset();
  BIO* const bio = BIO_new(socket_method());
  if (ssl_ == nullptr || bio == nullptr) {
    BIO_free(bio);
    return asio::error::no_memory;
  }
  BIO_set_data(bio, &socket_);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  return {};
}

void TlsSocket::shut_down_now() {
  if (ssl_ != nullptr && !has_failed_ && SSL_is_init_finished(ssl_.get()) == 1 &&
      (SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) == 0) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
  }
}

TlsSocket::Outcome TlsSocket::outcome_of(int result) {
  if (result > 0) {
    return {.count = static_cast<std::size_t>(result)};
  }
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {.waits_for = Socket::wait_read};
    case SSL_ERROR_WANT_WRITE:
      return {.waits_for = Socket::wait_write};
    case SSL_ERROR_SSL:
      has_failed_ = true;
      return {.error = IoError(static_cast<int>(ERR_get_error()), asio::error::get_ssl_category())};
    case SSL_ERROR_ZERO_RETURN:
      return {.error = asio::error::eof};
    default:
      has_failed_ = true;
      return {.error = asio::error::connection_reset};
  }
}

}  // namespace matricula::http
