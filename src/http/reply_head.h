#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "http/message.h"
#include "http/negotiate.h"

namespace matricula::http {

// The fields of an answer's head that the handler does not set.
struct ReplyHead {
  std::string_view date;
  std::string_view request_id;
  std::optional<std::uint64_t> content_length = 0;  // none: it is not known
  bool chunked = false;
  bool keep_alive = true;
  bool http_1_0 = false;
  ContentCoding coding = ContentCoding::kIdentity;
  bool vary_by_encoding = false;
};

// RFC 9110 section 8.6: answers with these statuses have no content and must not claim a length.
bool has_no_content(int status);

// Appends the status line, all header fields and the empty line.
void append_reply_head(std::string& out, const Response& response, const ReplyHead& head);

// A moment as a Date field gives it: "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
std::string http_date(Timestamp time);

}  // namespace matricula::http
