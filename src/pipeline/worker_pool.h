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
// each takes its share of them and starts them all before it finishes the first; jobs that cannot
// be started go back to the front of the queue. The queue is bounded: a caller that finds it full
// says so to its client at once. Destroying the pool finishes what is queued.
class WorkerPool {
 public:
  // A job that may own what cannot be copied.
  class Job {
   public:
    virtual ~Job() = default;
    virtual void run(unsigned worker) = 0;
    // Starts what need not be waited for at once; finish() then takes what came of it. False of
    // either: the job is to be run().
    virtual bool start(unsigned worker) {
      static_cast<void>(worker);
      return false;
    }
    virtual bool finish(unsigned worker) {
      static_cast<void>(worker);
      return false;
    }
  };

  WorkerPool(unsigned workers, std::size_t queue_max);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False when the queue is full; the job is then destroyed. From any thread.
  [[nodiscard]] bool submit(std::unique_ptr<Job> job);
  std::size_t queued() const;

 private:
  struct Entry {
    std::unique_ptr<Job> job;
    bool alone = false;  // it is to be run(), for it could not be started
  };
  void work(unsigned worker);
  std::vector<Entry> take();
  void run_together(unsigned worker, std::vector<Entry> taken);

  std::size_t queue_max_;
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
