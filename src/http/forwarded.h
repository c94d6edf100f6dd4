#pragma once

#include <span>

#include "base/network.h"
#include "http/message.h"

namespace matricula::http {

// Takes the client's address (X-Forwarded-For) and whether it used TLS (X-Forwarded-Proto) from
// proxies that are trusted. The list of addresses is read from its end, where each proxy appends
// its own peer: as long as an address is that of a trusted proxy, the one before it is believed.
// What a client writes itself therefore stands left of the first address that is not trusted, and
// is never reached. Without a trusted peer nothing changes; text that is no address ends the
// reading of addresses. The protocol is the first member of X-Forwarded-Proto, in any case.
void apply_forwarded(Request& request, std::span<const Network> trusted);

}  // namespace matricula::http
