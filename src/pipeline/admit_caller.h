#pragma once

#include "gate/admit.h"
#include "gate/identify.h"
#include "gate/stage.h"
#include "graphql/language/parser.h"
#include "pipeline/lane.h"
#include "pipeline/pending.h"
#include "pipeline/service.h"

namespace matricula::pipeline {

// An admitted caller, and how large its document may be.
struct Admitted {
  gate::Identified caller;
  gate::Admission admission;
  graphql::ParseLimits limits;
};

// identify(), admit() and document_limits(); asks the store where the caches have no answer. Notes
// the caller and the charge in `pending`, also where a later one of them refuses. Refusals: 401,
// 429, 503. On the lane's thread.
gate::Stage<Admitted> admit_caller(const Service& service, Lane& lane, Pending& pending);

}  // namespace matricula::pipeline
