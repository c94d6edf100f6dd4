#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "base/thread_group.h"
#include "http/message.h"
#include "pipeline/fair_queue.h"
#include "pipeline/job.h"

namespace matricula::pipeline {

struct WorkerPoolOptions {
  unsigned workers = 2;
  unsigned short_workers = 2;  // more of them, for short jobs and writes alone
  // Jobs that wait, of each kind; of them, those of one tenant.
  std::size_t queue_max = FairQueueLimits().waiting_max;
  std::size_t queue_of_tenant_max = FairQueueLimits().waiting_of_tenant_max;
  std::chrono::milliseconds wait_max{2'000};  // then a job expires
  // The same for writes, which may then wait for the store's writer for what is left of the
  // request's time.
  std::chrono::milliseconds write_wait_max{10'000};
  bool yields = false;  // whether the event loops go before the workers
};

// Threads for work that would hold up an event loop, in turns by tenant: see FairQueue. One tenant
// has at most three quarters of several workers, so that others need not wait for the end of its
// jobs. Short jobs and writes go first, and have workers that long jobs cannot take; where there
// are several of these, one is always left to short jobs: writes may all wait for one writer. Jobs
// of unknown callers have at most half of the workers, one for each tenant, and share the time with
// all known ones as if they were one tenant: a flood of strangers leaves half to the others.
//
// While more batchable jobs wait than there are workers, each worker takes its share of them. The
// queue is bounded in jobs and in time: a caller that finds it full says so to its client at once,
// and a job that waits longer than it may expires, whether or not a worker comes free. Destroying
// the pool finishes what is queued.
class WorkerPool {
 public:
  // Puts jobs back into the queue, to be run alone by any worker at their tenant's next turn.
  using Requeue = std::function<void(Jobs)>;
  // Runs a batch; gives jobs that cannot be batched to `requeue` as soon as that is known.
  using RunBatch = std::function<void(unsigned worker, Jobs jobs, const Requeue& requeue)>;

  // `clock` must outlive it.
  WorkerPool(const WorkerPoolOptions& options, const Clock& clock, RunBatch run_batch = nullptr);
  ~WorkerPool() = default;
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // How many threads there are; jobs are run with numbers below this.
  static unsigned threads_of(const WorkerPoolOptions& options) {
    return options.workers + options.short_workers;
  }

  // Queues the job; gives it back when the queue or its tenant's part is full, else null. From any
  // thread.
  template <typename SomeJob>
  [[nodiscard]] std::unique_ptr<SomeJob> submit(std::unique_ptr<SomeJob> job) {
    return offer(std::move(job), [this](std::unique_ptr<Job>& queued) { return push(queued); });
  }
  std::size_t queued() const;

 private:
  // One kind of jobs.
  struct Kind {
    Kind(const FairQueueLimits& limits, std::chrono::milliseconds wait)
        : queue(limits), wait_max(wait) {}
    FairQueue queue;
    std::chrono::milliseconds wait_max;
    std::chrono::nanoseconds used{0};  // of workers' time, lifted when it had nothing to do
    unsigned turns = 0;
  };

  bool push(std::unique_ptr<Job>& job);
  void work(unsigned worker);
  void run(unsigned worker, Jobs jobs);
  void keep_time();
  void ask_to_end();
  Kind& kind_of(const Job& job) { return kinds_[static_cast<std::size_t>(job.placement().kind)]; }
  bool leaves_one_to_short_jobs() const;
  Kind* next_kind();
  void requeue(Jobs jobs);

  const WorkerPoolOptions options_;
  const Clock& clock_;
  const RunBatch run_batch_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::condition_variable ends_;
  std::array<Kind, 4> kinds_;  // by JobKind
  bool ending_ = false;
  ThreadGroup threads_{[this] { ask_to_end(); }};  // last: they use all of the above
};

// A job that answers one request by `answer(worker)`, or by `busy()` when it waited too long.
template <typename Answer, typename Busy>
class AnswerJob final : public Job {
 public:
  AnswerJob(const Placement& placement, http::Responder responder, Answer answer, Busy busy)
      : Job(placement),
        responder_(std::move(responder)),
        answer_(std::move(answer)),
        busy_(std::move(busy)) {}
  void run(unsigned worker) override { responder_.send(answer_(worker)); }
  void expire() override { responder_.send(busy_()); }

 private:
  http::Responder responder_;
  Answer answer_;
  Busy busy_;
};

// Answers from a worker by `answer(worker)`; by `busy()` when the queue is full, at once, or when
// the request waited too long.
template <typename Answer, typename Busy>
void answer_from_worker(WorkerPool& workers, const Placement& placement, http::Responder responder,
                        Answer answer, Busy busy) {
  auto job = std::make_unique<AnswerJob<Answer, Busy>>(placement, std::move(responder),
                                                       std::move(answer), std::move(busy));
  if (auto refused = workers.submit(std::move(job))) {
    refused->expire();
  }
}

}  // namespace matricula::pipeline
