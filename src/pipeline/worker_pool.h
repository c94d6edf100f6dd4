#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

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
  // False when the queue is full; the job is then destroyed. From any thread.
  [[nodiscard]] bool submit(std::unique_ptr<Job> job, Together together = Together::kNever);
  std::size_t queued() const;

 private:
  struct Entry {
    std::unique_ptr<Job> job;
    Together together;
  };
  void work(unsigned worker);
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

// A job from a callable that takes the worker's number.
template <typename Function>
std::unique_ptr<WorkerPool::Job> make_job(Function function) {
  class FunctionJob final : public WorkerPool::Job {
   public:
    explicit FunctionJob(Function&& call) : call_(std::move(call)) {}
    void run(unsigned worker) override { call_(worker); }

   private:
    Function call_;
  };
  return std::make_unique<FunctionJob>(std::move(function));
}

}  // namespace matricula::pipeline
