#pragma once

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "base/within_memory.h"

namespace matricula::dataapi {

// Something that happens once. Safe to call from any thread.
class Once {
 public:
  // Calls `then` once it has happened: now, or later on the thread that calls happen().
  void when(std::function<void()> then) {
    {
      const std::lock_guard lock(mutex_);
      if (!happened_) {
        waiting_.push_back(std::move(then));
        return;
      }
    }
    then();
  }
  // A second call does nothing. A call for which memory runs out is given up, with what it holds.
  void happen() {
    std::vector<std::function<void()>> waiting;
    {
      const std::lock_guard lock(mutex_);
      happened_ = true;
      waiting.swap(waiting_);
    }
    for (std::function<void()>& then : waiting) {
      call_last_within_memory(then);
    }
  }

 private:
  std::mutex mutex_;
  bool happened_ = false;
  std::vector<std::function<void()>> waiting_;
};

}  // namespace matricula::dataapi
