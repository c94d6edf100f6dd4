#pragma once

#include "pipeline/pending.h"
#include "pipeline/worker_pool.h"

namespace matricula::pipeline {

// Takes requests through the stages, in the order that suits its kind of store.
class Driver {
 public:
  virtual ~Driver() = default;
  // On the thread of the request's loop; answers exactly once, from any thread.
  virtual void handle(Pending pending) = 0;
  virtual WorkerPool& workers() = 0;
};

}  // namespace matricula::pipeline
