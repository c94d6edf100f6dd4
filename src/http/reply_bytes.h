#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "http/body_sender.h"
#include "http/compress.h"
#include "http/helpers.h"
#include "http/message.h"
#include "http/reply_head.h"
#include "http/server.h"

namespace matricula::http {

// The bytes of one answer after another, in memory that is used again.
class ReplyBytes {
 public:
  struct Body {
    std::unique_ptr<BodySource> source = {};  // null: `head` is the whole reply
    BodySender::Framing framing = BodySender::Framing::kLength;
    std::uint64_t length = 0;
  };
  // The resources of the connection that sends it.
  struct Place {
    const ServerConfig& config;
    Compressor& compressor;
    Helpers& helpers;
    bool tls = false;
  };

  // Writes the head of `response`, and returns the body to send behind it: compressed where the
  // request takes that and the body is long enough, none for HEAD and where the status allows none.
  // A short body follows in `head`. `fields` is completed with what the body decides.
  Body prepare(Response response, const Request& request, ReplyHead fields, const Place& place);
  // Frees the memory of a large answer.
  void release();

  std::string head;

 private:
  std::string_view prepare_memory(Response& response, const Request& request, ReplyHead& fields,
                                  const Place& place, Body& body);
  void compress_source(Response& response, const Request& request, ReplyHead& fields,
                       const Place& place, Body& body);

  std::string encoded_;
};

}  // namespace matricula::http
