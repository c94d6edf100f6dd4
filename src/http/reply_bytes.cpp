#include "http/reply_bytes.h"

#include "http/compressed_body.h"

namespace matricula::http {
namespace {

constexpr std::size_t kKeptBytes = 4096;  // of a buffer, between two requests
// Bodies up to this size are copied behind the head: cheaper than a second buffer, and one TLS
// record instead of two.
constexpr std::size_t kCopiedBodyMax = 4096;
constexpr std::size_t kTlsCopiedBodyMax = 15 * 1024;
// The memory of a body while a client reads it: pieces, and for compression a stream.
constexpr std::uint64_t kCompressedBodyBytes = StreamCompressor::kBytes + 192 * 1024;

std::string_view memory_of(const Response& response) {
  if (!response.static_body.empty()) {
    return response.static_body;
  }
  return response.shared_body ? std::string_view(*response.shared_body)
                              : std::string_view(response.body);
}

// The body of a response that has it in memory, as a source.
std::unique_ptr<BodySource> take_memory(Response& response, const ServerConfig& config) {
  if (!response.static_body.empty()) {
    return view_body(response.static_body);
  }
  if (response.shared_body) {
    const std::string_view bytes = *response.shared_body;
    return view_body(bytes, std::move(response.shared_body));
  }
  spool::Lease lease = response.lease.bytes() != 0 ? std::move(response.lease)
                                                   : spool::Lease(config.memory, response.owner);
  return text_body(std::move(response.body), std::move(lease), config.spool, response.owner);
}

}  // namespace

ReplyBytes::Body ReplyBytes::prepare(Response response, const Request& request, ReplyHead fields,
                                     const Place& place) {
  Body body;
  std::string_view short_body;
  if (has_no_content(response.status)) {
    response.source.reset();
    fields.content_length.reset();
    // As of the 200 (RFC 9110, section 15.4.5); its tag is among the headers.
    fields.vary_by_encoding = response.status == 304 && response.compress;
  } else if (response.source) {
    body.source = std::move(response.source);
    if (response.compress) {
      compress_source(response, request, fields, place, body);
    }
  } else {
    short_body = prepare_memory(response, request, fields, place, body);
  }
  if (body.source) {
    const auto length = body.source->length();
    fields.content_length = length;
    body.length = length.value_or(0);
    if (request.method == Method::kHead) {
      body.source.reset();
    } else if (!length) {
      body.framing = request.http_1_0 ? BodySender::Framing::kClose : BodySender::Framing::kChunked;
      fields.chunked = !request.http_1_0;
      fields.keep_alive = fields.keep_alive && !request.http_1_0;
    }
  }
  head.clear();
  append_reply_head(head, response, fields);
  if (request.method != Method::kHead) {
    head += short_body;
  }
  return body;
}

// A body in memory: compressed at once where it is not too large for that. A short one is returned.
std::string_view ReplyBytes::prepare_memory(Response& response, const Request& request,
                                            ReplyHead& fields, const Place& place, Body& body) {
  const ServerConfig& config = place.config;
  std::string_view bytes = memory_of(response);
  if (response.compress && bytes.size() > config.compression_bytes_min) {
    if (bytes.size() > config.compression_bytes_at_once) {
      body.source = take_memory(response, config);
      compress_source(response, request, fields, place, body);
      return {};
    }
    fields.vary_by_encoding = true;
    const ContentCoding coding = best_coding(list_field(request, "Accept-Encoding"));
    if (place.compressor.compress(coding, bytes, encoded_)) {
      fields.coding = coding;
      response.headers.mark_etag(coding_name(coding));
      bytes = encoded_;
    }
  }
  fields.content_length = bytes.size();
  if (bytes.size() <= (place.tls ? kTlsCopiedBodyMax : kCopiedBodyMax)) {
    return bytes;
  }
  if (bytes.data() == encoded_.data()) {
    response.static_body = {};
    response.shared_body.reset();
    response.body = std::move(encoded_);
  }
  body.source = take_memory(response, config);
  return {};
}

// A large body: compressed by helpers while it is sent; without memory for that it is sent plain.
// Its length is not known in advance, so HEAD has none (RFC 9110, section 8.6). Vary is there also
// where the body is too short, as in the 304, which does not know its length.
void ReplyBytes::compress_source(Response& response, const Request& request, ReplyHead& fields,
                                 const Place& place, Body& body) {
  fields.vary_by_encoding = true;
  const auto length = body.source->length();
  const bool is_short = length && *length <= place.config.compression_bytes_min;
  const ContentCoding coding = best_coding(list_field(request, "Accept-Encoding"));
  if (is_short || response.status == 206 || coding == ContentCoding::kIdentity) {
    return;
  }
  if (request.method == Method::kHead) {
    fields.coding = coding;
    fields.content_length.reset();
    response.headers.mark_etag(coding_name(coding));
    body.source.reset();
    return;
  }
  spool::Lease lease(place.config.memory, response.owner);
  auto compressor = lease.resize(kCompressedBodyBytes) ? StreamCompressor::make(coding) : nullptr;
  if (compressor == nullptr) {
    return;
  }
  fields.coding = coding;
  response.headers.mark_etag(coding_name(coding));
  body.source = compressed_body(std::move(body.source), std::move(compressor), place.helpers,
                                std::move(lease));
}

void ReplyBytes::release() {
  for (std::string* buffer : {&head, &encoded_}) {
    if (buffer->capacity() > kKeptBytes) {
      *buffer = std::string();
    }
  }
}

}  // namespace matricula::http
