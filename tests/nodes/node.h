#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace matricula::nodes {

struct Reply {
  int status = 0;  // 0: the connection ended without an answer
  std::string body;
};

// A server process of the real program, on a free port of the loopback address. It ends with this
// object, or with the process.
class Node {
 public:
  // `options` of `matricula serve`.
  explicit Node(const std::vector<std::string>& options);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // A GraphQL document to an endpoint; `authorization` is the header, empty for none.
  Reply ask(std::string_view endpoint, std::string_view document,
            std::string_view authorization = {}) const;
  Reply post(std::string_view path, std::string_view body,
             std::string_view authorization = {}) const;
  int status_of(std::string_view path) const;
  std::uint16_t port() const { return port_; }
  // Resident memory.
  std::size_t memory_kib() const;

 private:
  Reply send(const std::string& request) const;

  pid_t process_ = -1;
  std::uint16_t port_ = 0;
};

// The text at `"name":"..."` in a body; empty where there is none.
std::string text_in(std::string_view body, std::string_view name);

}  // namespace matricula::nodes
