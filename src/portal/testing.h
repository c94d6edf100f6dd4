#pragma once

#include <string>
#include <string_view>

#include "auth/testing.h"
#include "http/message.h"
#include "portal/api.h"

namespace matricula::portal {

// Requests to /portal/api/ over a store with the companies 11, 12 and 13, whose slugs are their
// ids.
struct ApiFixture : auth::AuthFixture {
  const auth::CompanyCeiling ceiling{200};

  http::Response get(std::string_view path, const auth::Principal& principal,
                     std::string_view query = {}, std::uint32_t limit = 100) {
    const http::Request request{.method = http::Method::kGet, .path = path, .query = query};
    return auth::good(
        Api(clock, limit, ceiling, credentials)
            .answer(request,
                    {.principal = principal, .address = std::string(request.remote_address)},
                    *reader));
  }
  http::Response send(std::string_view path, const auth::Principal& principal,
                      std::string_view body = {}, std::string_view type = "application/json") {
    const http::Header content_type{"Content-Type", type};
    const http::Request request{.method = http::Method::kPost,
                                .path = path,
                                .headers = {&content_type, type.empty() ? 0u : 1u},
                                .body = body,
                                .remote_address = "192.0.2.1"};
    return auth::good(
        Api(clock, 100, ceiling, credentials)
            .answer(request,
                    {.principal = principal, .address = std::string(request.remote_address)},
                    *reader));
  }
  int post(std::string_view path, const auth::Principal& principal) {
    return send(path, principal, {}, {}).status;
  }
  std::string body(std::string_view path, const auth::Principal& principal) {
    return get(path, principal).body;
  }
};

}  // namespace matricula::portal
