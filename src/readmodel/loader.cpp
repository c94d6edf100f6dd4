#include "readmodel/loader.h"

#include <utility>

#include "base/assert.h"
#include "base/thread_priority.h"
#include "base/within_memory.h"

namespace matricula::readmodel {

Loader::Loader(Make make) : make_(std::move(make)), thread_([this] { run(); }) {}

Loader::~Loader() {
  is_cancelled_.store(true, std::memory_order_relaxed);
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Loader::start(LoadJob job) {
  {
    const std::lock_guard lock(mutex_);
    MATRICULA_ASSERT(!job_ && !result_);
    job_ = std::move(job);
  }
  changed_.notify_all();
}

std::optional<Loader::State> Loader::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(result_, std::nullopt);
}

void Loader::run() {
  set_priority(ThreadPriority::kLow);
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return is_ending_ || job_; });
    if (is_ending_) {
      return;
    }
    const LoadJob job = *job_;
    lock.unlock();
    // A list for which there is no memory does not fit. The text is short enough to need none.
    State made = fail(ErrorCode::kLimitExceeded, "Out of memory.");
    run_within_memory([&] { made = make_(job, is_cancelled_); });
    lock.lock();
    job_.reset();
    result_ = std::move(made);
  }
}

}  // namespace matricula::readmodel
