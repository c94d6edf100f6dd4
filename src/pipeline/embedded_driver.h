#pragma once

#include <deque>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "pipeline/admit_caller.h"
#include "pipeline/driver.h"
#include "pipeline/lane.h"
#include "pipeline/loop_turns.h"
#include "pipeline/run.h"

namespace matricula::pipeline {

// Requests over a store that is embedded in this process, so that a read blocks a loop for no round
// trip. A loop takes a request through all stages, and answers a light one in a slice of its time,
// at once or in turns with others. Workers take long texts, heavy plans, and requests that did not
// fit into the slice.
class EmbeddedDriver final : public Driver {
 public:
  // Both outlive it.
  EmbeddedDriver(const Service& service, Lanes& lanes, const WorkerPoolOptions& workers);
  void handle(Pending pending) override;
  WorkerPool& workers() override { return workers_; }

 private:
  struct Runnable;
  struct Call;
  class CallJob;
  class RunJob;
  class SliceJob;

  gate::Stage<Runnable> make_runnable(Call& call, Lane& lane) const;
  void take_turn(std::unique_ptr<Call> call);
  void answer_on_loop(std::unique_ptr<Call> call, Lane& lane);
  bool answer_in_slice(Call& call, Lane& lane) const;
  void hand_over(std::unique_ptr<Call> call);
  void finish(Call& call, Lane& lane) const;
  RunOutcome run_call(const Call& call, Lane& lane, const execution::AnswerBounds& bounds) const;
  void answer_run(Call& call, RunOutcome outcome) const;

  const Service& service_;
  Lanes& lanes_;
  // Threads wait and work in real time, whatever clock requests are held to.
  const SystemClock threads_clock_;
  std::deque<LoopTurns> turns_;  // by loop
  WorkerPool workers_;           // last: its threads use all of the above
};

}  // namespace matricula::pipeline
