#pragma once

#include <string>
#include <string_view>

#include "http/compress.h"
#include "http/message.h"
#include "http/reply_head.h"

namespace matricula::http {

// The bytes of one answer after another, in memory that is used again.
class ReplyBytes {
 public:
  // Writes the head of `response` and returns the body to send behind it: compressed where the
  // request takes that and the body is longer than `compression_bytes_min`, empty for HEAD and
  // where the status allows none. `fields` is completed with what the body decides. The body is
  // borrowed from the response or from this object.
  std::string_view prepare(const Response& response, const Request& request, ReplyHead fields,
                           Compressor& compressor, std::size_t compression_bytes_min);
  // Gives back what a large answer took.
  void release();

  std::string head;  // the caller may append a small body

 private:
  std::string encoded_;
};

}  // namespace matricula::http
