#pragma once

#include <optional>

#include "http/message.h"

namespace matricula::portal {

// The page at the request's path; nothing when no page lives there. Pure.
std::optional<http::Response> page(const http::Request& request);

}  // namespace matricula::portal
