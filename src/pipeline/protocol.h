#pragma once

#include <optional>

#include "http/message.h"
#include "pipeline/replies.h"

namespace matricula::pipeline {

// Refuses methods, types and media that are wrong before anybody asks who sends them
// (GraphQL over HTTP, "Request" and "Media Types"); else sets the media type of the answer.
std::optional<http::Response> check_protocol(const http::Request& request, MediaType& media);

}  // namespace matricula::pipeline
