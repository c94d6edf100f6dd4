#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "auth/callers/principal.h"
#include "http/message.h"
#include "pipeline/endpoint.h"
#include "pipeline/job.h"

namespace matricula::pipeline {

// Whose turns a request takes. Tenants are hashes of 64 bits: two of them may meet in one, and then
// wait for each other.

// The company that the request is counted for; where there is none, the person or token that sends
// it; those without a caller count for their address.
TenantKey tenant_of(const auth::Principal& principal, const http::Request& request);
// Of an IPv4 address or an IPv6 network of 64 bits.
TenantKey tenant_of_address(std::string_view address);

// How long requests to an endpoint take: what is asked for at endpoints of people is soon done, and
// what they wait for most: a token.
JobKind kind_of(const Endpoint& endpoint);

// The tenants of callers who were identified before, so that a request has its turn before anybody
// has asked the store who sends it. It may be out of date: it decides about turns alone. Never
// holds a token; bounded. Safe to call from any thread.
class MetCallers {
 public:
  MetCallers();
  // nullopt where the request's Authorization was not met before.
  std::optional<TenantKey> find(const http::Request& request) const;
  void note(const http::Request& request, TenantKey tenant);
  void forget(const http::Request& request);

 private:
  using Key = std::uint64_t;
  std::optional<Key> key_of(const http::Request& request) const;

  std::array<unsigned char, 16> secret_;
  mutable std::mutex mutex_;
  std::unordered_map<Key, TenantKey> tenants_;
};

}  // namespace matricula::pipeline
