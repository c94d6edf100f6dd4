#pragma once

#include <tl/expected.hpp>
#include <utility>

#include "http/message.h"
#include "ratelimit/limiter.h"

namespace matricula::gate {

// The response that refuses a request, and the allowance that was charged for it, if one was.
struct Refusal {
  http::Response response;
  ratelimit::Decision charged = {};
};

// What a stage of a request gives: its value, or the refusal that ends the request. MATRICULA_TRY
// and MATRICULA_CHECK hand a refusal on. A class and not an alias, because an alias cannot carry
// [[nodiscard]].
template <typename T>
class [[nodiscard]] Stage : public tl::expected<T, Refusal> {
 public:
  using tl::expected<T, Refusal>::expected;
};

inline tl::unexpected<Refusal> refuse(http::Response response, ratelimit::Decision charged = {}) {
  return tl::unexpected<Refusal>(Refusal{.response = std::move(response), .charged = charged});
}

}  // namespace matricula::gate
