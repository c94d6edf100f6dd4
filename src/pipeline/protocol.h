#pragma once

#include "gate/stage.h"
#include "http/message.h"
#include "pipeline/replies.h"

namespace matricula::pipeline {

// The media type of the answer. Refuses methods, types and media that are wrong whoever sends them
// (GraphQL over HTTP, "Request" and "Media Types"): 405, 406, 415.
gate::Stage<MediaType> check_protocol(const http::Request& request);

}  // namespace matricula::pipeline
