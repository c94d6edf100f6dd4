#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "http/message.h"

namespace matricula::pipeline {

// Threads for work that would hold up an event loop. While more jobs wait than there are workers,
// each takes its share of those that may go together. The queue is bounded: a caller that finds it
// full says so to its client at once. Destroying the pool finishes what is queued.
class WorkerPool {
 public:
  // A job that may own what cannot be copied.
  class Job {
   public:
    virtual ~Job() = default;
    virtual void run(unsigned worker) = 0;
  };
  using Jobs = std::vector<std::unique_ptr<Job>>;
  // Takes jobs that are to be run alone, by any worker, before all that wait.
  using Leave = std::function<void(Jobs)>;
  // Does several jobs at once on a worker, all of them submitted as kMaybe. What it does not do it
  // leaves, as soon as it knows.
  using RunTogether = std::function<void(unsigned worker, Jobs jobs, const Leave& leave)>;

  WorkerPool(unsigned workers, std::size_t queue_max, RunTogether run_together = nullptr);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  enum class Together { kNever, kMaybe };
  // Queues the job; gives it back when the queue is full, else null. From any thread.
  template <typename SomeJob>
  [[nodiscard]] std::unique_ptr<SomeJob> submit(std::unique_ptr<SomeJob> job,
                                                Together together = Together::kNever) {
    std::unique_ptr<Job> queued = std::move(job);
    if (push(queued, together)) {
      return nullptr;
    }
    return std::unique_ptr<SomeJob>(static_cast<SomeJob*>(queued.release()));
  }
  std::size_t queued() const;

 private:
  struct Entry {
    std::unique_ptr<Job> job;
    Together together;
  };
  // Takes the job unless the queue is full.
  bool push(std::unique_ptr<Job>& job, Together together);
  void work(unsigned worker);
  void run(unsigned worker, Jobs jobs);
  Jobs take();
  void put_back(Jobs jobs);

  const std::size_t queue_max_;
  const RunTogether run_together_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Entry> queue_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

// A job that answers one request by `answer(worker)`.
template <typename Answer>
class AnswerJob final : public WorkerPool::Job {
 public:
  AnswerJob(http::Responder responder, Answer answer)
      : responder_(std::move(responder)), answer_(std::move(answer)) {}
  void run(unsigned worker) override { responder_.send(answer_(worker)); }
  void send(http::Response response) { responder_.send(std::move(response)); }

 private:
  http::Responder responder_;
  Answer answer_;
};

// Answers from a worker by `answer(worker)`; by `busy()`, at once, when the queue is full.
template <typename Answer, typename Busy>
void answer_from_worker(WorkerPool& workers, http::Responder responder, Answer answer, Busy busy) {
  auto job = std::make_unique<AnswerJob<Answer>>(std::move(responder), std::move(answer));
  if (auto refused = workers.submit(std::move(job))) {
    refused->send(busy());
  }
}

}  // namespace matricula::pipeline
