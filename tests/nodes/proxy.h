#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace matricula::nodes {

// A network between nodes and the store that can fail: a port of the loopback address whose
// connections lead to the socket at a path.
class Proxy {
 public:
  explicit Proxy(std::string socket_path);
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  std::uint16_t port() const { return port_; }
  // From now on no byte arrives, and neither side is notified. New connections are taken and lead
  // nowhere. Connections that were there meanwhile stay so: half open, each end in the belief that
  // the other is there.
  void swallow(bool swallows) { swallows_ = swallows; }
  // For each of these texts one connection ends: the next whose client sends the text, which the
  // server does not get.
  void cut_at(std::vector<std::string> texts);
  // How many of them were not sent so far.
  std::size_t cuts_left();

 private:
  struct Link {
    int client;
    int server;  // -1: leads nowhere
    bool is_broken = false;
  };
  void work();
  void accept();
  // Whether the link goes on.
  bool carry(const Link& link, int from, int to);
  bool is_cut_at(std::string_view sent);

  const std::string socket_path_;
  std::uint16_t port_ = 0;
  int listener_;
  std::atomic<bool> swallows_ = false;
  std::atomic<bool> ends_ = false;
  std::mutex mutex_;
  std::vector<std::string> cut_at_;
  std::vector<Link> links_;  // of the thread
  std::thread thread_;
};

}  // namespace matricula::nodes
