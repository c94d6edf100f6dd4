#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/network.h"
#include "http/head_gate.h"
#include "http/message.h"
#include "spool/budget.h"

namespace matricula::http {

// The part of the memory for request bodies that the body of one connection's request has, from
// when it begins to arrive until it is answered. One thread at a time.
class BodyRoom {
 public:
  // A body of `request`, whose head has come from `peer`. Behind a proxy that is trusted it is that
  // of the proxy's client. `memory` must outlive this.
  void begin(spool::Budget& memory, Request request, std::string_view peer,
             std::span<const Network> trusted);
  // Whether the body may have so many bytes in memory from now on. Small bodies, such as those of
  // token exchange, need no room.
  [[nodiscard]] bool take(std::size_t bytes);
  void reset() { lease_.reset(); }
  // For a body that may not.
  static Refusal refusal();

 private:
  spool::Lease lease_;
};

}  // namespace matricula::http
