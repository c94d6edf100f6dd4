#include "pipeline/worker_pool.h"

#include <algorithm>
#include <utility>

#include "base/thread_priority.h"
#include "base/within_memory.h"

namespace matricula::pipeline {
namespace {

// Jobs in one batch.
constexpr std::size_t kBatchJobsMax = 16;
// How often jobs that waited too long are looked for.
constexpr std::chrono::milliseconds kTick{50};

// Of several turns, those that one tenant may have: a quarter is left to others.
unsigned turns_of_tenant(unsigned turns) {
  return turns <= 1 ? 1 : turns - std::max(1U, turns / 4);
}

// Turns of short jobs and writes together.
unsigned short_turns(const WorkerPoolOptions& options) {
  return std::max(1U, options.short_workers + options.workers / 2);
}

FairQueueLimits limits_of(JobKind kind, const WorkerPoolOptions& options) {
  FairQueueLimits limits{.waiting_max = options.queue_max,
                         .waiting_of_tenant_max = options.queue_of_tenant_max};
  switch (kind) {
    case JobKind::kShort:
      limits.turns_max = short_turns(options);
      limits.turns_of_tenant_max = turns_of_tenant(limits.turns_max);
      break;
    case JobKind::kWrite:
      limits.turns_max = std::max(2U, short_turns(options)) - 1;
      limits.turns_of_tenant_max = turns_of_tenant(limits.turns_max);
      break;
    case JobKind::kLong:
      limits.turns_max = options.workers;
      limits.turns_of_tenant_max = turns_of_tenant(options.workers);
      break;
    case JobKind::kUnknown:
      limits.turns_max = std::max(1U, options.workers / 2);
      limits.turns_of_tenant_max = 1;
      break;
  }
  return limits;
}

}  // namespace

WorkerPool::WorkerPool(const WorkerPoolOptions& options, const Clock& clock, RunBatch run_batch)
    : options_(options),
      clock_(clock),
      run_batch_(std::move(run_batch)),
      kinds_{Kind(limits_of(JobKind::kShort, options), options.wait_max),
             Kind(limits_of(JobKind::kWrite, options), options.write_wait_max),
             Kind(limits_of(JobKind::kLong, options), options.wait_max),
             Kind(limits_of(JobKind::kUnknown, options), options.wait_max)} {
  for (unsigned worker = 0; worker < threads_of(options); ++worker) {
    threads_.start([this, worker] { work(worker); });
  }
  threads_.start([this] { keep_time(); });
}

void WorkerPool::ask_to_end() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  ready_.notify_all();
  ends_.notify_all();
}

bool WorkerPool::push(std::unique_ptr<Job>& job) {
  {
    const std::lock_guard lock(mutex_);
    Kind& kind = kind_of(*job);
    const bool was_idle = kind.turns == 0 && kind.queue.waiting() == 0;
    if (!kind.queue.push(job, clock_.monotonic())) {
      return false;
    }
    if (was_idle) {
      for (const Kind& other : kinds_) {
        const bool is_busy = other.turns > 0 || other.queue.waiting() > 0;
        kind.used = is_busy ? std::max(kind.used, other.used) : kind.used;
      }
    }
  }
  ready_.notify_one();
  return true;
}

std::size_t WorkerPool::queued() const {
  const std::lock_guard lock(mutex_);
  std::size_t queued = 0;
  for (const Kind& kind : kinds_) {
    queued += kind.queue.waiting();
  }
  return queued;
}

// Whether one more job of another kind would leave a thread to short jobs.
bool WorkerPool::leaves_one_to_short_jobs() const {
  const auto& [short_jobs, writes, long_jobs, unknown] = kinds_;
  const unsigned others = writes.turns + long_jobs.turns + unknown.turns;
  return options_.short_workers <= 1 || others + 1 < threads_of(options_);
}

// Short jobs first, then writes; of the others the kind that has taken less time. Null when a
// worker has nothing to do.
WorkerPool::Kind* WorkerPool::next_kind() {
  auto& [short_jobs, writes, long_jobs, unknown] = kinds_;
  if (short_jobs.turns + writes.turns < short_turns(options_)) {
    if (short_jobs.queue.has_turn()) {
      return &short_jobs;
    }
    if (writes.queue.has_turn() && leaves_one_to_short_jobs()) {
      return &writes;
    }
  }
  if (long_jobs.turns + unknown.turns >= options_.workers || !leaves_one_to_short_jobs()) {
    return nullptr;
  }
  const bool has_long = long_jobs.queue.has_turn();
  const bool has_unknown = unknown.queue.has_turn();
  if (has_long && has_unknown) {
    return long_jobs.used <= unknown.used ? &long_jobs : &unknown;
  }
  return has_long ? &long_jobs : has_unknown ? &unknown : nullptr;
}

void WorkerPool::work(unsigned worker) {
  if (options_.yields) {
    set_priority(ThreadPriority::kLow);
  }
  std::unique_lock lock(mutex_);
  while (true) {
    Kind* kind = nullptr;
    ready_.wait(lock, [&] {
      kind = next_kind();
      return kind != nullptr || ending_;
    });
    if (kind == nullptr) {
      return;
    }
    const std::size_t share =
        std::min(1 + kind->queue.waiting() / std::max(1U, options_.workers), kBatchJobsMax);
    FairQueue::Turn turn;
    if (!run_within_memory([&] { turn = kind->queue.take(share); })) {
      ends_.wait_for(lock, kTick, [this] { return ending_; });
      continue;
    }
    ++kind->turns;
    if (next_kind() != nullptr) {
      ready_.notify_one();
    }
    lock.unlock();
    const std::chrono::nanoseconds began = clock_.monotonic();
    // Where memory runs out, the jobs are destroyed, and their responders answer 503.
    run_within_memory([&] { run(worker, std::move(turn.jobs)); });
    const std::chrono::nanoseconds used = clock_.monotonic() - began;
    lock.lock();
    kind->queue.finish(turn, used);
    kind->used += used;
    --kind->turns;
    if (next_kind() != nullptr) {
      ready_.notify_one();
    }
  }
}

// The jobs are destroyed with the call, also where it throws: their responders then answer 503.
void WorkerPool::run(unsigned worker, Jobs jobs) {
  const std::chrono::nanoseconds now = clock_.monotonic();
  std::erase_if(jobs, [&](const std::unique_ptr<Job>& job) {
    const bool is_over = job->queued_at() < now - kind_of(*job).wait_max || !job->is_wanted();
    if (is_over) {
      job->expire();
    }
    return is_over;
  });
  if (jobs.size() == 1) {
    const std::unique_ptr<Job> job = std::move(jobs.front());
    job->run(worker);
  } else if (!jobs.empty()) {
    run_batch_(worker, std::move(jobs), [this](Jobs left) { requeue(std::move(left)); });
  }
}

// Expires jobs that waited too long, also while no worker comes free.
void WorkerPool::keep_time() {
  std::unique_lock lock(mutex_);
  while (!ends_.wait_for(lock, kTick, [this] { return ending_; })) {
    const std::chrono::nanoseconds now = clock_.monotonic();
    for (Kind& kind : kinds_) {
      Jobs late;
      run_within_memory([&] { late = kind.queue.take_older_than(now - kind.wait_max); });
      lock.unlock();
      for (std::unique_ptr<Job>& job : late) {
        run_within_memory([&] { std::exchange(job, nullptr)->expire(); });
      }
      lock.lock();
    }
  }
}

void WorkerPool::requeue(Jobs jobs) {
  if (jobs.empty()) {
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    Kind& kind = kind_of(*jobs.front());
    kind.queue.requeue(jobs);
  }
  ready_.notify_all();
}

}  // namespace matricula::pipeline
