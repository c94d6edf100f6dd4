#pragma once

#include <string_view>

#include "http/message.h"

namespace matricula::http {

// A web origin as browsers write it: they leave the usual port of its scheme out.
std::string_view without_usual_port(std::string_view origin);

// Whether an Origin is that of the address which the request was sent to: the host and port of Host
// and, under TLS, https. Without TLS either scheme is right: a proxy that is not trusted may have
// ended it.
bool is_own_origin(const Request& request, std::string_view origin);

}  // namespace matricula::http
