#pragma once

#include <initializer_list>
#include <string_view>
#include <tl/expected.hpp>

#include "http/message.h"
#include "json/value.h"

namespace matricula::portal {

// The JSON object in the body of a POST, or the answer that refuses the body.
using Body = tl::expected<json::Value, http::Response>;

// The one way in which the portal's POSTs read bodies. `members` are those that the operation
// knows. Refusals: 415 where the body is not sent as application/json, which no form of another
// site can send; 400 where it is not an object, or has a member that is not known, so that a
// misspelled one is not taken for one that was left out.
Body read_body(const http::Request& request, std::initializer_list<std::string_view> members);

// The same for an operation that needs no body: one that is there is an object without members.
tl::expected<void, http::Response> read_no_body(const http::Request& request);

}  // namespace matricula::portal
