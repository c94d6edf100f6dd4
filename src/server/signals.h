#pragma once

#include <array>
#include <chrono>
#include <csignal>
#include <functional>
#include <thread>

namespace matricula::server {

// SIGTERM and SIGINT end a server; SIGHUP reloads, unless it comes because the terminal is gone:
// then it ends the server too. For the thread that starts the server.
class Signals {
 public:
  // Blocks them in the calling thread and in those that it starts from here on.
  Signals();

  // Waits for the signal that ends the server, and returns it; calls `reload` at each that reloads.
  int wait_for_end(const std::function<void()>& reload) const;
  // Sleeps; false where a signal that ends the server came meanwhile. One that reloads ends the
  // sleep alone.
  bool sleep(std::chrono::milliseconds time) const;
  // While it lives, SIGTERM and SIGINT end the process at once, with status 0: for what may wait
  // for others before anything is served, and may be cut off anywhere.
  class EndAtOnce {
   public:
    EndAtOnce();

   private:
    std::jthread thread_;
  };

  // From here on SIGTERM and SIGINT end the process at once, and SIGHUP does nothing: tools that
  // reload a service do not know that it drains.
  static void end_process_at_once();

 private:
  using Terminals = std::array<bool, 3>;
  // Which of the standard descriptors are the terminal of this process's session, and still there.
  // The end of another terminal sends no SIGHUP here.
  static Terminals terminals();
  bool is_end(int signal) const;

  sigset_t all_;
  const Terminals before_ = terminals();
};

}  // namespace matricula::server
