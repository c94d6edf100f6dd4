#pragma once

// For tests: a client that sends exactly the bytes it is given, and a server to send them to.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/log.h"
#include "http/server.h"

namespace matricula::http {

// An answer as it was received. `status` is 0 when the connection ended before one was complete.
struct Answer {
  int status = 0;
  std::string head;
  std::string body;

  // The value of the first header of that name; empty when there is none.
  std::string header(std::string_view name) const;
};

// One blocking TCP connection to the loopback address. Waits five seconds at most for anything.
class RawClient {
 public:
  // `from`: the address of its own end, of 127.0.0.0/8. `receive_bytes`: what the kernel takes
  // before it is read; 0 leaves that to the kernel.
  explicit RawClient(std::uint16_t port, const char* from = "127.0.0.1", int receive_bytes = 0);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void send(std::string_view bytes) const;
  void finish_sending() const;
  // `to_head`: the answer is to a HEAD and has no body whatever its length says.
  Answer read_answer(bool to_head = false);
  Answer ask(std::string_view bytes) {
    send(bytes);
    return read_answer();
  }
  // Everything up to the end of the connection.
  std::string read_to_end();
  // So many bytes, or fewer where the connection ends.
  std::string read_some(std::size_t bytes);
  // Closing it will reset the connection.
  void reset() const;
  // Whether the server has closed the connection, with nothing more to read.
  bool is_closed_by_server();
  int descriptor() const { return socket_; }

 private:
  bool receive();
  bool read_chunks(std::string& body);

  int socket_;
  std::string received_;
};

// A server on a free port with one loop and a quick timer, unless the configuration says else.
class TestServer {
 public:
  explicit TestServer(Handler handler, ServerConfig config = quick_config(), unsigned loops = 1);
  static ServerConfig quick_config();

  std::uint16_t port() const { return server_->port(); }
  Server& server() { return *server_; }

 private:
  SystemClock clock_;
  NullLogger logger_;
  std::unique_ptr<Server> server_;
};

// Answers with what it understood: method, path, query, body.
void echo(const Request& request, Responder responder);

// A complete POST of `body` to /echo.
std::string post(std::string_view body, std::string_view more_headers = {});

}  // namespace matricula::http
