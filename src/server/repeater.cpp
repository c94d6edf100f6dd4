#include "server/repeater.h"

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
          work();
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
