#pragma once

#include <span>

#include "base/network.h"
#include "http/message.h"

namespace matricula::http {

// Takes the client's address (X-Forwarded-For) and whether it used TLS (X-Forwarded-Proto) from
// proxies that are trusted. The list of addresses is read from its end, where each proxy appends
// the address of its peer: as long as an address is that of a trusted proxy, the one before it is
// believed. Addresses that a client writes itself are to the left of the first one that is not
// trusted, and are never read. Without a trusted peer nothing changes; text that is no address ends
// the reading. The protocol is the first member of X-Forwarded-Proto, in any case.
void apply_forwarded(Request& request, std::span<const Network> trusted);

}  // namespace matricula::http
