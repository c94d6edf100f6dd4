#include "portal/body.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/join.h"
#include "http/negotiate.h"

namespace matricula::portal {
namespace {

tl::unexpected<http::Response> bad(std::string_view message) {
  return tl::unexpected(http::error_response(400, message));
}

}  // namespace

Body read_body(const http::Request& request, std::initializer_list<std::string_view> members) {
  if (auto refusal = http::refuse_body_type(request)) {
    return tl::unexpected(std::move(*refusal));
  }
  auto body = json::read(request.body);
  if (!body) {
    return bad(body.error().message);
  }
  if (body->object() == nullptr) {
    return bad("The body must be a JSON object.");
  }
  for (const json::Value::Member& member : *body->object()) {
    if (std::ranges::find(members, member.name) == members.end()) {
      return bad(
          members.size() == 0
              ? fmt::format("Unknown member \"{}\"; there are none.", member.name)
              : fmt::format("Unknown member \"{}\"; there are {}.", member.name, joined(members)));
    }
  }
  return std::move(*body);
}

tl::expected<void, http::Response> read_no_body(const http::Request& request) {
  if (request.body.empty()) {
    return {};
  }
  MATRICULA_CHECK(read_body(request, {}));
  return {};
}

}  // namespace matricula::portal
