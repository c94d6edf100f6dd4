#include "readmodel/loader.h"

#include <ctime>
#include <pthread.h>
#include <utility>

#include "base/assert.h"
#include "base/thread_priority.h"
#include "base/within_memory.h"

namespace matricula::readmodel {

Loader::Loader(ThreadPriority priority, Make make)
    : priority_(priority), make_(std::move(make)), thread_([this] { run(); }) {}

Loader::~Loader() {
  is_given_up_.store(true, std::memory_order_relaxed);
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool Loader::is_free() const {
  const std::lock_guard lock(mutex_);
  return !job_ && !result_;
}

void Loader::start(LoadJob job) {
  {
    const std::lock_guard lock(mutex_);
    MATRICULA_ASSERT(!job_ && !result_);
    is_given_up_.store(false, std::memory_order_relaxed);
    job_ = std::move(job);
  }
  changed_.notify_all();
}

void Loader::give_up() {
  const std::lock_guard lock(mutex_);
  is_given_up_.store(true, std::memory_order_relaxed);
  result_.reset();
}

std::chrono::nanoseconds Loader::processor_time() {
  clockid_t clock{};
  timespec time{};
  if (pthread_getcpuclockid(thread_.native_handle(), &clock) != 0 ||
      clock_gettime(clock, &time) != 0) {
    return std::chrono::nanoseconds::zero();
  }
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

std::optional<Loader::State> Loader::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(result_, std::nullopt);
}

void Loader::run() {
  set_priority(priority_);
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
    run_within_memory([&] { made = make_(job, is_given_up_); });
    lock.lock();
    job_.reset();
    if (!is_given_up_.load(std::memory_order_relaxed)) {
      result_ = std::move(made);
    }
  }
}

}  // namespace matricula::readmodel
