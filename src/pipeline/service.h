#pragma once

#include "domains/domains.h"
#include "execution/answer.h"
#include "gate/gate.h"
#include "pipeline/metrics.h"
#include "pipeline/options.h"
#include "pipeline/trusted_documents.h"

namespace matricula::pipeline {

// What the stages of all requests share. All of it outlives every request and may be used from any
// thread.
struct Service {
  const PipelineOptions& options;
  const gate::Gate& gate;
  domains::Services& domains;  // for commands
  const execution::AnswerPlaces& answers;
  const TrustedDocumentsSlot& documents;
  Metrics& metrics;
};

}  // namespace matricula::pipeline
