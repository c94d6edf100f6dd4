#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "http/body.h"

namespace matricula::http {

// Puts the head of an answer and its body together into the bytes that go over the wire, in pieces
// as they can be sent: chunked (RFC 9112 section 7.1) or as they are. Does no I/O.
class BodySender {
 public:
  enum class Framing {
    kLength,   // the head gave a Content-Length: exactly so many bytes
    kChunked,  // the head said so
    kClose,    // the end of the connection ends the body (HTTP/1.0)
  };
  struct Output {
    enum class State { kBytes, kLater, kEnd, kFailed };
    State state = State::kEnd;
    // To be sent in this order; any may be empty.
    std::array<std::string_view, 3> parts = {};
  };

  // `head` must stay as it is until it was sent. `length` counts for kLength alone.
  void start(std::string_view head, std::unique_ptr<BodySource> source, Framing framing,
             std::uint64_t length);
  bool is_active() const { return source_ != nullptr; }

  // What is to be sent next, at most `room.size()` bytes of the body; holds until the next call,
  // or until `room` is used for something else. kFailed: the body cannot be completed.
  Output peek(std::span<char> room, const std::shared_ptr<Waker>& waker);
  // The first `count` bytes of what peek() gave were sent.
  void consume(std::size_t count);
  bool park() { return source_->park(); }
  // Drops the source.
  void stop() { source_.reset(); }

 private:
  void begin_chunk(std::size_t size);
  Output end();

  std::unique_ptr<BodySource> source_;
  Framing framing_ = Framing::kLength;
  std::string_view prefix_;        // the head, or the line of a chunk; what is left of it
  std::array<char, 24> line_{};    // the line of a chunk
  std::uint64_t in_chunk_ = 0;     // bytes of the body that the prefix announces and are not sent
  std::uint64_t length_left_ = 0;  // kLength
  std::string_view suffix_;        // the end of the chunk; what is left of it
  bool at_end_ = false;
};

}  // namespace matricula::http
