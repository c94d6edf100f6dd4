#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pipeline/job.h"

namespace matricula::pipeline {

struct FairQueueLimits {
  unsigned turns_max = 1;            // under way at once
  unsigned turns_of_tenant_max = 1;  // of them, those that hold jobs of one tenant
  std::size_t waiting_max = 1'024;
  std::size_t waiting_of_tenant_max = 256;
};

// Jobs that wait for workers, by tenant. The next turn is that of the tenant whose jobs have taken
// the least time so far: start-time fair queueing (Goyal, Vin, Cheng: SIGCOMM 1996), with the time
// that jobs really took in place of packet lengths, as in the same authors' scheduler for CPUs
// (OSDI 1996). An idle tenant gets no credit for that: it begins at the virtual time, which is the
// start tag of the turn that began last. Since the time of a job is not known in advance, a tenant
// is charged the typical time of its jobs, and the difference when the job ends.
//
// So a tenant with N others waits for at most one turn of each, however much they have queued. Jobs
// of one tenant keep their order. Not thread-safe, reads no clock.
//
// Where memory runs out, std::bad_alloc leaves the queue as it was: of push() without the job, of
// requeue() and take_older_than() without those that were on their way. finish() needs none.
class FairQueue {
 public:
  using Time = std::chrono::nanoseconds;
  // Jobs that one worker took at once, and what they were charged.
  struct Turn {
    Jobs jobs = {};
    std::vector<std::pair<TenantKey, Time>> charges = {};  // one for each job that was taken
  };

  explicit FairQueue(const FairQueueLimits& limits) : limits_(limits) {}

  // Takes the job unless the queue or the tenant's part of it is full.
  [[nodiscard]] bool push(std::unique_ptr<Job>& job, Time now);
  // Puts jobs back that a turn took and did not run, ahead of their tenants' other jobs and not to
  // be batched again. Never refused: they were counted before.
  void requeue(std::span<std::unique_ptr<Job>> jobs);

  // Whether take() would begin a turn.
  bool has_turn() const;
  // Begins a turn: the next job, and where that is batchable, more such jobs in the order of turns,
  // `jobs_max` in all. Precondition: has_turn().
  Turn take(std::size_t jobs_max);
  // Ends a turn whose jobs took `used` together.
  void finish(const Turn& turn, Time used);

  // Takes out all that were queued before `moment`.
  Jobs take_older_than(Time moment);
  std::size_t waiting() const { return waiting_; }

 private:
  using Place = std::pair<Time, TenantKey>;
  using Ready = std::set<Place>;
  struct TenantJobs {
    std::deque<std::unique_ptr<Job>> jobs = {};
    Ready::node_type place = {};                 // its place in `ready_` while it is not there
    Time used{0};                                // the start tag of its next turn
    Time typical{std::chrono::milliseconds(1)};  // what its jobs took lately
    unsigned turns = 0;                          // under way
  };

  bool may_begin(const TenantJobs& tenant_jobs) const {
    return !tenant_jobs.jobs.empty() && tenant_jobs.turns < limits_.turns_of_tenant_max;
  }
  TenantJobs& find_or_add(TenantKey tenant);
  // Applies `change` to the tenant's jobs and keeps `ready_` in step with it, also where it throws.
  template <typename Change>
  void change(TenantKey tenant, const Change& change);
  void leave_ready(TenantKey tenant, TenantJobs& tenant_jobs);
  void join_ready(TenantKey tenant, TenantJobs& tenant_jobs);
  std::optional<TenantKey> next_batchable(const Turn& turn) const;
  void take_one(TenantKey tenant, Turn& turn);
  void forget_idle();

  const FairQueueLimits limits_;
  std::unordered_map<TenantKey, TenantJobs> tenants_;
  Ready ready_;  // of tenants that may begin a turn
  Time virtual_time_{0};
  std::size_t waiting_ = 0;
  unsigned turns_ = 0;
};

}  // namespace matricula::pipeline
