#pragma once

#include <memory>

#include "base/clock.h"
#include "http/message.h"
#include "pipeline/fair_queue.h"
#include "pipeline/job.h"

namespace matricula::pipeline {

// What one loop answers itself and takes more than a few microseconds: in turns by tenant (see
// FairQueue), and after each slice of its time the loop looks for what has arrived. So a small
// request waits for one slice and one job at most, however many large ones came before it.
//
// Used on the thread of its loop alone. It must outlive the loop's work.
class LoopTurns {
 public:
  // Jobs are run with the number of the loop. `clock` must outlive it.
  LoopTurns(unsigned loop, const Clock& clock);
  LoopTurns(const LoopTurns&) = delete;
  LoopTurns& operator=(const LoopTurns&) = delete;

  // Queues the job, which `tasks`, of the same loop, have run; gives it back where too many wait,
  // else null.
  template <typename SomeJob>
  [[nodiscard]] std::unique_ptr<SomeJob> submit(std::unique_ptr<SomeJob> job,
                                                http::LoopTasks& tasks) {
    std::unique_ptr<Job> queued = std::move(job);
    if (push(queued, tasks)) {
      return nullptr;
    }
    return std::unique_ptr<SomeJob>(static_cast<SomeJob*>(queued.release()));
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
