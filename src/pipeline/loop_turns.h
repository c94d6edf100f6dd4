#pragma once

#include <memory>

#include "base/clock.h"
#include "http/message.h"
#include "pipeline/fair_queue.h"
#include "pipeline/job.h"

namespace matricula::pipeline {

// Requests that one loop answers itself and that take more than a few microseconds. They take turns
// by tenant (see FairQueue), and after each slice of time the loop handles its events. So a small
// request waits for one slice and one job at most, however many large ones came before it.
//
// Used on the thread of its loop alone. It must outlive the loop's tasks.
class LoopTurns {
 public:
  // Jobs are run with the number of the loop. `clock` must outlive it.
  LoopTurns(unsigned loop, const Clock& clock);
  LoopTurns(const LoopTurns&) = delete;
  LoopTurns& operator=(const LoopTurns&) = delete;

  // Queues the job, and schedules its run in `tasks`, which are of the same loop. Gives the job
  // back where too many wait, else null.
  template <typename SomeJob>
  [[nodiscard]] std::unique_ptr<SomeJob> submit(std::unique_ptr<SomeJob> job,
                                                http::LoopTasks& tasks) {
    return offer(std::move(job), [&](std::unique_ptr<Job>& queued) { return push(queued, tasks); });
  }

 private:
  bool push(std::unique_ptr<Job>& job, http::LoopTasks& tasks);
  void schedule(http::LoopTasks& tasks);
  void take_turns(http::LoopTasks& tasks);
  void run_slice();
  void run(std::unique_ptr<Job> job) const;

  const unsigned loop_;
  const Clock& clock_;
  FairQueue queue_;
  bool is_scheduled_ = false;
};

}  // namespace matricula::pipeline
