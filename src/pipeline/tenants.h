#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "auth/callers/principal.h"
#include "auth/secrets/keyed_hash.h"
#include "http/message.h"
#include "pipeline/endpoint.h"
#include "pipeline/job.h"

namespace matricula::pipeline {

// Whose turns a request takes. Tenants are hashes of 64 bits: two that collide share their turns.

// The company that the request is counted for; where there is none, the person or token that sends
// it; those without a caller count for their address.
TenantKey tenant_of(const auth::Principal& principal, const http::Request& request);
// Of an IPv4 address or an IPv6 network of 64 bits.
TenantKey tenant_of_address(std::string_view address);

// The kind of jobs that requests to an endpoint are: those to the endpoints of people are short,
// and a token, which is asked for there, is needed before any data request.
JobKind kind_of(const Endpoint& endpoint);

// The tenants of callers who were identified before, by Authorization and X-Company-Id: a request
// takes its turn before the store was asked who sends it. An entry may be stale, which matters
// little, since it decides about turns alone. Never holds a token; bounded. Safe to call from any
// thread.
class TenantCache {
 public:
  // nullopt on a miss, and for a request without Authorization.
  std::optional<TenantKey> find(const http::Request& request) const;
  // Does nothing for a request without Authorization; the same holds for erase().
  void insert(const http::Request& request, TenantKey tenant);
  void erase(const http::Request& request);

 private:
  using Key = std::uint64_t;
  std::optional<Key> key_of(const http::Request& request) const;

  const auth::KeyedHash hash_;
  mutable std::mutex mutex_;
  std::unordered_map<Key, TenantKey> tenants_;
};

}  // namespace matricula::pipeline
