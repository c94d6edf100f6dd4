#include "pipeline/worker_pool.h"

#include <algorithm>
#include <iterator>

namespace matricula::pipeline {
namespace {

// Jobs that one worker has under way at once.
constexpr std::size_t kTogetherMax = 16;

}  // namespace

WorkerPool::WorkerPool(unsigned workers, std::size_t queue_max) : queue_max_(queue_max) {
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

bool WorkerPool::submit(std::unique_ptr<Job> job) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= queue_max_) {
      return false;
    }
    queue_.push_back({.job = std::move(job)});
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
    std::vector<Entry> taken = take();
    if (taken.empty()) {
      return;
    }
    if (taken.size() == 1) {
      taken.front().job->run(worker);
    } else {
      run_together(worker, std::move(taken));
    }
  }
}

// One worker's share of what waits; nothing when the pool ends.
std::vector<WorkerPool::Entry> WorkerPool::take() {
  std::vector<Entry> taken;
  std::unique_lock lock(mutex_);
  ready_.wait(lock, [this] { return ending_ || !queue_.empty(); });
  const std::size_t share = std::min(1 + queue_.size() / threads_.size(), kTogetherMax);
  const auto may_join = [&](const Entry& entry) {
    return taken.empty() || (taken.size() < share && !taken.back().alone && !entry.alone);
  };
  while (!queue_.empty() && may_join(queue_.front())) {
    taken.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return taken;
}

void WorkerPool::run_together(unsigned worker, std::vector<Entry> taken) {
  std::vector<Entry> started;
  std::vector<Entry> others;
  for (Entry& entry : taken) {
    entry.alone = !entry.job->start(worker);
    (entry.alone ? others : started).push_back(std::move(entry));
  }
  if (!others.empty()) {
    {
      const std::lock_guard lock(mutex_);
      queue_.insert(queue_.begin(), std::make_move_iterator(others.begin()),
                    std::make_move_iterator(others.end()));
    }
    ready_.notify_all();
  }
  std::erase_if(started, [worker](const Entry& entry) { return entry.job->finish(worker); });
  for (const Entry& entry : started) {
    entry.job->run(worker);
  }
}

}  // namespace matricula::pipeline
