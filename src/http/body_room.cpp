#include "http/body_room.h"

#include "http/address_counts.h"
#include "http/forwarded.h"

namespace matricula::http {
namespace {

constexpr std::size_t kSmallBytes = 16 * 1024;

}  // namespace

void BodyRoom::begin(spool::Budget& memory, Request request, std::string_view peer,
                     std::span<const Network> trusted) {
  request.remote_address = peer;
  apply_forwarded(request, trusted);
  lease_ = spool::Lease(&memory, client_key(request.remote_address));
}

bool BodyRoom::take(std::size_t bytes) {
  return lease_.resize(bytes <= kSmallBytes ? 0 : bytes);
}

Refusal BodyRoom::refusal() {
  return {.status = 503,
          .message =
              "Too many large request bodies are under way, the limit \"request-memory\" "
              "of this server."};
}

}  // namespace matricula::http
