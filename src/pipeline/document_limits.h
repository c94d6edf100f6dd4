#pragma once

#include "gate/gate.h"
#include "gate/identify.h"
#include "gate/stage.h"
#include "graphql/language/parser.h"
#include "http/message.h"

namespace matricula::pipeline {

// How large the document of this caller may be: `limits`, but of a stranger whose address is over
// its allowance only a short one. A valid client credential passes whatever its address owes, so
// that a stranger's document has to be read to be refused; longer ones than that of a token
// exchange get 429 unread.
gate::Stage<graphql::ParseLimits> document_limits(const gate::Gate& gate,
                                                  const http::Request& request,
                                                  const gate::Identified& caller,
                                                  const graphql::ParseLimits& limits);

}  // namespace matricula::pipeline
