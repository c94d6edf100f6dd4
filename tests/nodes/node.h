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
// object, or with the thread that made it.
class Node {
 public:
  // Starts it. `options` of `matricula serve`; `program` in place of that of this build.
  explicit Node(const std::vector<std::string>& options,
                const std::string& program = MATRICULA_PROGRAM);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // Waits until it takes requests, before the first is sent; ends the test's process where it
  // does not.
  void await_start();

  // A GraphQL document to an endpoint; `authorization` is the header, empty for none.
  Reply ask(std::string_view endpoint, std::string_view document,
            std::string_view authorization = {}) const;
  Reply post(std::string_view path, std::string_view body,
             std::string_view authorization = {}) const;
  int status_of(std::string_view path) const;
  std::uint16_t port() const { return port_; }
  // Resident memory.
  std::size_t memory_kib() const;
  // Ends it in good order and gives what it logged, a line an entry.
  std::vector<std::string> stop();

 private:
  Reply send(const std::string& request) const;

  pid_t process_ = -1;
  int out_ = -1;
  int log_ = -1;  // a file in memory
  std::uint16_t port_ = 0;
};

// Runs a command of a program to its end and gives its status. What it says goes to ours.
int run_program(const std::vector<std::string>& words);

// The text at `"name":"..."` in a body; empty where there is none.
std::string text_in(std::string_view body, std::string_view name);

}  // namespace matricula::nodes
