#include "http/testing_client.h"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/assert.h"

namespace matricula::http {

std::string Answer::header(std::string_view name) const {
  std::string_view rest = head;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(std::min(rest.size(), line.size() + 2));
    const std::size_t colon = line.find(": ");
    if (colon != std::string_view::npos && same_name(line.substr(0, colon), name)) {
      return std::string(line.substr(colon + 2));
    }
  }
  return {};
}

RawClient::RawClient(std::uint16_t port, const char* from, int receive_bytes)
    : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{.tv_sec = 5, .tv_usec = 0};
  const int on = 1;
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  sockaddr_in own{};
  own.sin_family = AF_INET;
  MATRICULA_ASSERT(::inet_pton(AF_INET, from, &own.sin_addr) == 1 &&
                   ::bind(socket_, reinterpret_cast<sockaddr*>(&own), sizeof(own)) == 0);
  if (receive_bytes != 0) {
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof(receive_bytes));
  }
  MATRICULA_ASSERT(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
}

RawClient::~RawClient() {
  ::close(socket_);
}

void RawClient::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return;  // the answer, or its absence, tells the test
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void RawClient::finish_sending() const {
  ::shutdown(socket_, SHUT_WR);
}

bool RawClient::receive() {
  std::array<char, 65536> bytes{};
  ssize_t count = -1;
  do {
    count = ::recv(socket_, bytes.data(), bytes.size(), 0);
  } while (count < 0 && errno == EINTR);
  if (count <= 0) {
    return false;
  }
  received_.append(bytes.data(), static_cast<std::size_t>(count));
  return true;
}

Answer RawClient::read_answer(bool to_head) {
  Answer answer;
  std::size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!receive()) {
      return {};
    }
  }
  answer.head = received_.substr(0, end + 2);
  received_.erase(0, end + 4);
  answer.status = std::stoi(answer.head.substr(9, 3));
  if (!to_head && answer.header("Transfer-Encoding") == "chunked") {
    return read_chunks(answer.body) ? answer : Answer{};
  }
  const std::string length = answer.header("Content-Length");
  const std::size_t size = to_head || length.empty() ? 0 : std::stoul(length);
  while (received_.size() < size) {
    if (!receive()) {
      return {};
    }
  }
  answer.body = received_.substr(0, size);
  received_.erase(0, size);
  return answer;
}

bool RawClient::read_chunks(std::string& body) {
  while (true) {
    std::size_t line = 0;
    while ((line = received_.find("\r\n")) == std::string::npos) {
      if (!receive()) {
        return false;
      }
    }
    const std::size_t size = std::stoul(received_, nullptr, 16);
    while (received_.size() < line + 2 + size + 2) {
      if (!receive()) {
        return false;
      }
    }
    body.append(received_, line + 2, size);
    received_.erase(0, line + 2 + size + 2);
    if (size == 0) {
      return true;
    }
  }
}

std::string RawClient::read_to_end() {
  while (receive()) {
  }
  return std::move(received_);
}

std::string RawClient::read_some(std::size_t bytes) {
  while (received_.size() < bytes && receive()) {
  }
  std::string some = received_.substr(0, bytes);
  received_.erase(0, bytes);
  return some;
}

void RawClient::reset() const {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

bool RawClient::is_closed_by_server() {
  char byte = 0;
  return received_.empty() && ::recv(socket_, &byte, 1, 0) == 0;
}

TestServer::TestServer(Handler handler, ServerConfig config, unsigned loops) {
  config.port = 0;
  config.loops = loops;
  auto started = Server::start(std::move(config), std::move(handler), clock_, logger_);
  MATRICULA_ASSERT(started.has_value());
  server_ = std::move(*started);
}

ServerConfig TestServer::quick_config() {
  ServerConfig config;
  config.timer_tick = std::chrono::milliseconds(10);
  config.access_log = false;
  return config;
}

void echo(const Request& request, Responder responder) {
  Response response{.content_type = "text/plain"};
  response.body += request.method_name;
  response.body += ' ';
  response.body += request.path;
  response.body += ' ';
  response.body += request.query;
  response.body += ' ';
  response.body += request.body;
  responder.send(std::move(response));
}

std::string post(std::string_view body, std::string_view more_headers) {
  std::string text = "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: ";
  text += std::to_string(body.size());
  text += "\r\n";
  text += more_headers;
  text += "\r\n";
  text += body;
  return text;
}

}  // namespace matricula::http
