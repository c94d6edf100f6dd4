#include "pipeline/loop_turns.h"

#include <chrono>

#include "base/within_memory.h"

namespace matricula::pipeline {
namespace {

// After so long a loop handles its other events.
constexpr std::chrono::microseconds kSlice{50};

}  // namespace

LoopTurns::LoopTurns(unsigned loop, const Clock& clock)
    : loop_(loop), clock_(clock), queue_(FairQueueLimits()) {}

bool LoopTurns::push(std::unique_ptr<Job>& job, http::LoopTasks& tasks) {
  schedule(tasks);  // first: it may throw, and then no job is left in the queue
  return queue_.push(job, clock_.monotonic());
}

void LoopTurns::schedule(http::LoopTasks& tasks) {
  if (!is_scheduled_) {
    tasks.run_later([this, &tasks] {
      is_scheduled_ = false;
      take_turns(tasks);
    });
    is_scheduled_ = true;
  }
}

// Where there is no memory to schedule another slice, it goes on at once.
void LoopTurns::take_turns(http::LoopTasks& tasks) {
  while (queue_.has_turn()) {
    run_slice();
    if (!queue_.has_turn()) {
      return;
    }
    if (run_within_memory([&] { schedule(tasks); })) {
      return;
    }
  }
}

void LoopTurns::run_slice() {
  std::chrono::nanoseconds now = clock_.monotonic();
  const std::chrono::nanoseconds end = now + kSlice;
  while (queue_.has_turn() && now < end) {
    FairQueue::Turn turn;
    if (!run_within_memory([&] { turn = queue_.take(1); })) {
      return;
    }
    const std::chrono::nanoseconds began = now;
    // Where memory runs out, the job is destroyed, and its responder answers 503.
    run_within_memory([&] { run(std::move(turn.jobs.front())); });
    now = clock_.monotonic();
    queue_.finish(turn, now - began);
  }
}

// The job is destroyed with the call, also where it throws: its responder then answers 503.
void LoopTurns::run(std::unique_ptr<Job> job) const {
  job->is_wanted() ? job->run(loop_) : job->expire();
}

}  // namespace matricula::pipeline
