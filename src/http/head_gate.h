#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace matricula::http {

// Why a request is answered by the server itself and the connection closed.
struct Refusal {
  int status = 400;
  std::string message = {};

  bool operator==(const Refusal&) const = default;
};

// Where the body ends.
struct Framing {
  bool chunked = false;
  std::uint64_t content_length = 0;  // 0 when chunked
  bool expects_continue = false;

  bool operator==(const Framing&) const = default;
};

// Applies RFC 9112 strictly where the parser behind it does not: wherever two readers of one head
// could disagree on where a request ends or where it goes (request smuggling). `head` is everything
// from the method to the empty line, which it includes. Pure.
//
// Refuses bare CR or LF, NUL, folded lines, white space before the colon, more than `fields_max`
// fields, any Transfer-Encoding but one single `chunked` without Content-Length on HTTP/1.1, any
// Content-Length but one of digits only, any number of Host fields but one (on HTTP/1.0: at most
// one), an Expect that is not 100-continue, and an encoded body.
tl::expected<Framing, Refusal> check_head(std::string_view head, std::size_t fields_max);

}  // namespace matricula::http
