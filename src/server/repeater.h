#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace matricula::server {

// Runs work periodically on a thread of its own, for the first time after one period. The
// destructor waits for work that is under way.
class Repeater {
 public:
  Repeater(std::chrono::milliseconds period, std::function<void()> work);
  ~Repeater();
  Repeater(const Repeater&) = delete;
  Repeater& operator=(const Repeater&) = delete;

  // Runs the work now, or once more after the current run, instead of at the end of the period.
  void run_soon();

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  bool soon_ = false;
  std::thread thread_;
};

}  // namespace matricula::server
