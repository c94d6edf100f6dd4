#include "http/helpers.h"

#include <utility>

#include "base/within_memory.h"

namespace matricula::http {

Helpers::Helpers(unsigned threads) {
  for (unsigned i = 0; i < threads; ++i) {
    threads_.start([this] { run(); });
  }
}

void Helpers::ask_to_end() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  ready_.notify_all();
}

void Helpers::submit(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(work));
  }
  ready_.notify_one();
}

void Helpers::run() {
  while (true) {
    std::function<void()> work;
    {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
      if (waiting_.empty()) {
        return;
      }
      work = std::move(waiting_.front());
      waiting_.pop_front();
    }
    run_within_memory(work);
  }
}

}  // namespace matricula::http
