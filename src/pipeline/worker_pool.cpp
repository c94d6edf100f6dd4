#include "pipeline/worker_pool.h"

#include <algorithm>
#include <iterator>
#include <new>
#include <utility>

namespace matricula::pipeline {
namespace {

// Jobs that one worker has under way at once.
constexpr std::size_t kTogetherMax = 16;

}  // namespace

WorkerPool::WorkerPool(unsigned workers, std::size_t queue_max, RunTogether run_together)
    : queue_max_(queue_max), run_together_(std::move(run_together)) {
  for (unsigned worker = 0; worker < workers; ++worker) {
    threads_.emplace_back([this, worker] { work(worker); });
  }
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  ready_.notify_all();
  for (std::thread& thread : threads_) {
    thread.join();
  }
}

bool WorkerPool::push(std::unique_ptr<Job>& job, Together together) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= queue_max_) {
      return false;
    }
    queue_.push_back({.job = std::move(job), .together = together});
  }
  ready_.notify_one();
  return true;
}

std::size_t WorkerPool::queued() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void WorkerPool::work(unsigned worker) {
  while (true) {
    Jobs taken = take();
    if (taken.empty()) {
      return;
    }
    try {
      run(worker, std::move(taken));
    } catch (const std::bad_alloc&) {
      continue;  // the jobs are gone, and with them went their answers: 503
    }
  }
}

// The jobs end with the call, also where it throws: then they say so to their clients.
void WorkerPool::run(unsigned worker, Jobs jobs) {
  if (jobs.size() == 1) {
    const std::unique_ptr<Job> job = std::move(jobs.front());
    job->run(worker);
  } else {
    run_together_(worker, std::move(jobs), [this](Jobs left) { put_back(std::move(left)); });
  }
}

// One worker's share of what waits; nothing when the pool ends.
WorkerPool::Jobs WorkerPool::take() {
  Jobs taken;
  std::unique_lock lock(mutex_);
  ready_.wait(lock, [this] { return ending_ || !queue_.empty(); });
  const std::size_t share = std::min(1 + queue_.size() / threads_.size(), kTogetherMax);
  bool goes_on = !queue_.empty();
  while (goes_on) {
    const bool joins = queue_.front().together == Together::kMaybe;
    taken.push_back(std::move(queue_.front().job));
    queue_.pop_front();
    goes_on = joins && taken.size() < share && !queue_.empty() &&
              queue_.front().together == Together::kMaybe;
  }
  return taken;
}

void WorkerPool::put_back(Jobs jobs) {
  if (jobs.empty()) {
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    auto place = queue_.begin();
    for (auto& job : jobs) {
      place =
          std::next(queue_.insert(place, {.job = std::move(job), .together = Together::kNever}));
    }
  }
  ready_.notify_all();
}

}  // namespace matricula::pipeline
