#include "http/reply_bytes.h"

namespace matricula::http {
namespace {

constexpr std::size_t kKeptBytes = 4096;  // of a buffer, between two requests

}  // namespace

std::string_view ReplyBytes::prepare(const Response& response, const Request& request,
                                     ReplyHead fields, Compressor& compressor,
                                     std::size_t compression_bytes_min) {
  std::string_view body = response.static_body;
  if (body.empty()) {
    body = response.shared_body ? std::string_view(*response.shared_body)
                                : std::string_view(response.body);
  }
  if (has_no_content(response.status)) {
    body = {};
  } else if (response.compress && body.size() > compression_bytes_min) {
    fields.vary_by_encoding = true;
    const ContentCoding coding = request.method == Method::kHead
                                     ? ContentCoding::kIdentity
                                     : best_coding(list_field(request, "Accept-Encoding"));
    if (compressor.compress(coding, body, encoded_)) {
      fields.coding = coding;
      body = encoded_;
    }
  }
  fields.content_length = body.size();
  head.clear();
  append_reply_head(head, response, fields);
  return request.method == Method::kHead ? std::string_view() : body;
}

void ReplyBytes::release() {
  for (std::string* buffer : {&head, &encoded_}) {
    if (buffer->capacity() > kKeptBytes) {
      *buffer = std::string();
    }
  }
}

}  // namespace matricula::http
