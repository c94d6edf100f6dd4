#pragma once

#include "gate/gate.h"
#include "gate/identify.h"
#include "gate/stage.h"
#include "graphql/language/parser.h"
#include "http/message.h"

namespace matricula::pipeline {

// How large the document of this caller may be: `limits`, or less for a stranger whose address is
// over its allowance. A valid client credential is accepted from such an address too, and it is
// inside the document, which therefore has to be read; one that is longer than that of a token
// exchange gets 429 unread.
gate::Stage<graphql::ParseLimits> document_limits(const gate::Gate& gate,
                                                  const http::Request& request,
                                                  const gate::Identified& caller,
                                                  const graphql::ParseLimits& limits);

}  // namespace matricula::pipeline
