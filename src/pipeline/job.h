#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

namespace matricula::pipeline {

// Who takes turns with others: a hash of a company, a person or an address.
using TenantKey = std::uint64_t;

enum class JobKind : std::uint8_t {
  kShort,    // the portal, lists of tokens: workers are kept for it
  kWrite,    // token exchange, revocation: as short, but may wait for the store's writer
  kLong,     // all else
  kUnknown,  // of a caller that is not cached: may turn out to be invalid
};

// Where a job is in the queue, and how it may be run.
struct Placement {
  TenantKey tenant = 0;
  JobKind kind = JobKind::kLong;
  bool is_batchable = false;  // may be run in a batch: see WorkerPool::RunBatch
};

// Work for a worker thread; may own what cannot be copied. Exactly one of run() and expire() is
// called, once, unless memory runs out: then it is destroyed.
class Job {
 public:
  explicit Job(const Placement& placement) : placement_(placement) {}
  virtual ~Job() = default;
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  // Whether its client still waits for what it does; where not, it is not run but expires.
  virtual bool is_wanted() const { return true; }
  virtual void run(unsigned worker) = 0;
  // It waited longer than a job may, or is not wanted. Called on the pool's timer thread: must not
  // wait for anything.
  virtual void expire() = 0;

  const Placement& placement() const { return placement_; }
  // When it was queued, by Clock::monotonic(); kept when it is requeued.
  std::chrono::nanoseconds queued_at() const { return queued_at_; }

 private:
  friend class FairQueue;
  Placement placement_;
  std::chrono::nanoseconds queued_at_{-1};  // negative: not yet
};

using Jobs = std::vector<std::unique_ptr<Job>>;

// Offers a job to `push`, which takes it out of its argument and returns true, or refuses it and
// returns false. The job as it came where it was refused, else null.
template <typename SomeJob, typename Push>
[[nodiscard]] std::unique_ptr<SomeJob> offer(std::unique_ptr<SomeJob> job, const Push& push) {
  std::unique_ptr<Job> queued = std::move(job);
  return push(queued) ? nullptr : std::unique_ptr<SomeJob>(static_cast<SomeJob*>(queued.release()));
}

}  // namespace matricula::pipeline
