#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

#include "base/thread_group.h"

namespace matricula::http {

// Threads that do short pieces of work which would hold up a loop, in the order they were given. A
// connection has one piece under way at most, so the queue is bounded by the connections.
class Helpers {
 public:
  explicit Helpers(unsigned threads);
  // Runs the queued work, then ends the threads.
  ~Helpers() = default;
  Helpers(const Helpers&) = delete;
  Helpers& operator=(const Helpers&) = delete;

  // From any thread. `work` must not throw.
  void submit(std::function<void()> work);

 private:
  void run();
  void ask_to_end();

  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> waiting_;
  bool ending_ = false;
  ThreadGroup threads_{[this] { ask_to_end(); }};  // last: they use all of the above
};

}  // namespace matricula::http
