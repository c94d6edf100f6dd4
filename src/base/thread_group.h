#pragma once

#include <functional>
#include <thread>
#include <utility>
#include <vector>

namespace matricula {

// Threads that work until they are asked to end. A member of what they use, behind all of that: so
// that where one of them cannot be made, those before it end before what they use does.
class ThreadGroup {
 public:
  // `ask` makes all of them come to their end; it is called once.
  explicit ThreadGroup(std::function<void()> ask) : ask_(std::move(ask)) {}
  ~ThreadGroup() { end(); }
  ThreadGroup(const ThreadGroup&) = delete;
  ThreadGroup& operator=(const ThreadGroup&) = delete;

  // std::system_error where the system permits no more threads.
  void start(std::function<void()> work) { threads_.emplace_back(std::move(work)); }
  // Asks them to end, and waits until they have.
  void end() {
    if (ask_) {
      std::exchange(ask_, nullptr)();
    }
    for (std::thread& thread : threads_) {
      thread.join();
    }
    threads_.clear();
  }

 private:
  std::function<void()> ask_;
  std::vector<std::thread> threads_;
};

}  // namespace matricula
