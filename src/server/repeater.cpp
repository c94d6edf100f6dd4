#include "server/repeater.h"

#include "base/within_memory.h"

namespace matricula::server {

Repeater::Repeater(std::chrono::milliseconds period, std::function<void()> work)
    : thread_([this, period, work = std::move(work)] {
        std::unique_lock lock(mutex_);
        while (true) {
          wake_.wait_for(lock, period, [this] { return ending_ || soon_; });
          if (ending_) {
            return;
          }
          soon_ = false;
          lock.unlock();
          run_within_memory(work);  // else in the next period
          lock.lock();
        }
      }) {}

void Repeater::run_soon() {
  {
    const std::lock_guard lock(mutex_);
    soon_ = true;
  }
  wake_.notify_all();
}

Repeater::~Repeater() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

}  // namespace matricula::server
