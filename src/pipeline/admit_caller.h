#pragma once

#include "gate/admit.h"
#include "gate/identify.h"
#include "gate/stage.h"
#include "graphql/language/parser.h"
#include "pipeline/lane.h"
#include "pipeline/pending.h"
#include "pipeline/service.h"

namespace matricula::pipeline {

// A caller who was let in, and how large its document may be.
struct Admitted {
  gate::Identified caller;
  gate::Admission admission;
  graphql::ParseLimits limits;
};

// Who sends the request, within which allowance: the store is asked where memory does not know.
// Tells `pending` both. Refusals: 401, 429, 503. On the lane's thread.
gate::Stage<Admitted> admit_caller(const Service& service, Lane& lane, Pending& pending);

}  // namespace matricula::pipeline
