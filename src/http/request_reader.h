#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/chunked.h"
#include "http/head_gate.h"
#include "http/message.h"

namespace matricula::http {

struct ReaderLimits {
  std::size_t head_bytes_max = 16 * 1024;
  std::size_t head_fields_max = 100;
  std::size_t body_bytes_max = 256 * 1024;
};

// Turns the bytes of one connection into requests, one after the other. Does no I/O: the owner
// reads into room() and says how much came. A connection that waits holds kIdleBytes here.
class RequestReader {
 public:
  static constexpr std::size_t kIdleBytes = 4096;

  enum class State {
    kIdle,      // nothing of the next request has come
    kHead,      // a part of its head has
    kBody,      // its head has
    kComplete,  // request() is ready; next() goes on
    kRefused,   // see refusal(); there is no going on
  };

  // `limits` must outlive the reader.
  explicit RequestReader(const ReaderLimits& limits) : limits_(limits) {}
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  // Where to read to; never empty. Invalid after any other call. Precondition: kIdle, kHead, kBody.
  std::span<char> room();
  // The first `count` bytes of room() have been filled.
  State commit(std::size_t count);
  // Drops the complete request and its body, and parses the bytes that arrived after it.
  State next();

  State state() const { return state_; }
  // In kComplete: whether bytes have come that stand behind the request.
  bool holds_more() const { return begin_ < end_; }
  // Whether the client waits for "100 Continue" before it sends the body. True once a request.
  bool take_expects_continue();
  const Refusal& refusal() const { return refusal_; }
  // In kBody: how many bytes of the body are in memory once room() has been filled.
  std::size_t body_bytes_soon() const;
  // Gives back the memory of a body that is not read any further.
  void drop_body();
  // In kHead, kBody: the refusal for a client whose time is over.
  Refusal lateness(std::chrono::milliseconds head_timeout,
                   std::chrono::milliseconds body_timeout) const;
  // In kComplete. The views hold until next(). Members that the reader does not know are unchanged.
  Request& request() { return request_; }

 private:
  State advance();
  State read_head();
  State begin_request(std::size_t head_end);
  State begin_body();
  State read_chunks();
  State refuse(int status, std::string message);
  State refuse_body();
  std::optional<std::size_t> find_head_end();
  void make_room_for_head();

  const ReaderLimits& limits_;
  State state_ = State::kIdle;
  Refusal refusal_;
  Framing framing_;
  Request request_;
  std::vector<Header> fields_;
  std::string path_;  // where the request's path is not as it came

  // buffer_[begin_, end_) is what came and was not used. Once a head is parsed, the bytes before
  // begin_ stay where they are, because the request's views look at them.
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t line_ = 0;  // start of the first line of the head that is not known to be complete

  std::string body_;  // only when the body did not come together with the head
  std::size_t body_received_ = 0;
  ChunkDecoder chunks_;
};

}  // namespace matricula::http
