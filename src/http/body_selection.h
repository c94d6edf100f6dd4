#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "http/message.h"

namespace matricula::http {

// The validators of a body that stays the same between requests, such as a file.
struct Representation {
  std::uint64_t length = 0;
  std::string_view etag = {};  // an entity tag with its quotes; W/ in front where it is weak
  bool encodes = false;        // whether the server compresses it where it is long enough
  std::optional<Timestamp> last_modified = {};
  // Where it is given, times after it count as unknown, the client's and ours: a clock was wrong.
  // Of a body from this very second the second before is given as its date.
  std::optional<Timestamp> now = {};
};

// The status, the part of the body and the headers that answer a request.
struct BodySelection {
  // 200: the whole. 206: the range. 304, 412, 416: no body of it. A 416 and a 412 need one that
  // says so, as error_response() makes it.
  int status = 200;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  // ETag, Last-Modified, Accept-Ranges, Content-Range: as the status needs them.
  HeaderLines headers = {};

  bool has_body() const { return status == 200 || status == 206; }
};

// Decides by If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since, Range and If-Range,
// in the order of RFC 9110 section 13.2.2. Several ranges, and a Range that cannot be read, give
// the whole; HEAD ignores Range. A field with a date that cannot be read is ignored. Pure.
//
// A 206 is never compressed, and a 200 that the server compresses gets a tag of its own:
// HeaderLines::mark_etag(). A condition is about the bodies that a 200 to the same request may
// have, which are two where the server encodes: one in the request's best coding, and one that is
// too short for it or finds no memory. A 304 has the tag of the one that the client names, and
// where it names none, that of the encoded one. A range that is asked for with the tag of a
// compressed body gets the whole.
BodySelection select_body(const Request& request, const Representation& representation);

// A moment that a Date field gives, in any of the three forms of RFC 9110 section 5.6.7, in whole
// seconds.
std::optional<Timestamp> parse_http_date(std::string_view text);

}  // namespace matricula::http
