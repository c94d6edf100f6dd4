#pragma once

#include <cstdint>
#include <fmt/format.h>
#include <functional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include "tests/must.h"

// What the benchmarks share: CPU time of processes, servers in processes of their own, a client.
// CPU time and not the clock on the wall, because machines are shared; ratios of what was measured
// in turns, because they are not steady.
namespace matricula::bench {

// User and system time of all threads of a process so far, in microseconds.
double cpu_us_of(pid_t process);

double median(std::vector<double> values);

// The program that was built along with this benchmark.
std::string matricula_binary();

// Runs a shell command and shows it; the program ends where it fails.
void run_or_die(const std::string& command);

struct Memory {
  std::uint64_t anonymous_kib = 0;  // its own
  std::uint64_t file_kib = 0;       // pages of files: the program, and the store as SQLite maps it
};
Memory memory_of(pid_t process);

// A keep-alive connection to a loopback port that sends one request at a time.
class Client {
 public:
  explicit Client(std::uint16_t port);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // The body of the answer to a GraphQL request with an API token.
  std::string post(const std::string& token, const std::string& body);

  // The same without waiting for the answer: receive() waits for a part of it, and is true when it
  // is complete. `socket` is the one to be polled.
  void send(const std::string& token, const std::string& body);
  bool receive();
  std::string_view answer() const;
  int socket() const { return socket_; }

 private:
  int socket_ = -1;
  std::string buffer_;
  std::size_t body_at_ = 0;  // where the body begins; 0 while that is not known
  std::size_t length_ = 0;   // of the body
};

// Keeps as many requests under way as there are `connections`, each with the next of `tokens`,
// until `count` were answered, all with rows. From one thread, so that clients cost little.
void ask_many(std::uint16_t port, const std::vector<std::string>& tokens, const std::string& body,
              int connections, int count);

// A server in a process of its own, so that its CPU time is its alone. `child` runs in it and
// writes a line that ends with its port to the given file.
class Process {
 public:
  explicit Process(const std::function<void(int)>& child);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  pid_t pid() const { return pid_; }
  std::uint16_t port() const { return port_; }

 private:
  pid_t pid_ = 0;
  std::uint16_t port_ = 0;
};

}  // namespace matricula::bench
