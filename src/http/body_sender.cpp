#include "http/body_sender.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/assert.h"

namespace matricula::http {

void BodySender::start(std::string_view head, std::unique_ptr<BodySource> source, Framing framing,
                       std::uint64_t length) {
  MATRICULA_ASSERT(source != nullptr);
  source_ = std::move(source);
  framing_ = framing;
  prefix_ = head;
  in_chunk_ = 0;
  length_left_ = length;
  suffix_ = {};
  at_end_ = false;
}

// The head goes out alone where it is followed by chunks: then a prefix is one text.
BodySender::Output BodySender::peek(std::span<char> room, const std::shared_ptr<Waker>& waker) {
  if (at_end_ || (in_chunk_ == 0 && !prefix_.empty() && framing_ == Framing::kChunked)) {
    return {.state = at_end_ && prefix_.empty() ? Output::State::kEnd : Output::State::kBytes,
            .parts = {prefix_}};
  }
  if (in_chunk_ == 0 && !suffix_.empty()) {
    return {.state = Output::State::kBytes, .parts = {suffix_}};
  }
  if (framing_ == Framing::kLength && length_left_ == 0 && in_chunk_ == 0) {
    return end();
  }
  const Piece piece = source_->peek(room, waker);
  switch (piece.state) {
    case Piece::State::kLater:
      // A head does not wait for the body.
      return {.state = prefix_.empty() ? Output::State::kLater : Output::State::kBytes,
              .parts = {prefix_}};
    case Piece::State::kFailed:
      return {.state = Output::State::kFailed};
    case Piece::State::kEnd:
      if (framing_ == Framing::kLength || in_chunk_ != 0) {
        return {.state = Output::State::kFailed};  // shorter than was said
      }
      return end();
    case Piece::State::kBytes:
      break;
  }
  if (in_chunk_ == 0) {
    begin_chunk(std::min(piece.bytes.size(), room.size()));
  }
  return {.state = Output::State::kBytes,
          .parts = {prefix_, piece.bytes.substr(0, in_chunk_),
                    piece.bytes.size() < in_chunk_ ? std::string_view() : suffix_}};
}

void BodySender::begin_chunk(std::size_t size) {
  in_chunk_ = size;
  switch (framing_) {
    case Framing::kLength:
      in_chunk_ = std::min<std::uint64_t>(size, length_left_);
      return;
    case Framing::kClose:
      return;
    case Framing::kChunked:
      break;
  }
  suffix_ = "\r\n";
  char* out = std::to_chars(line_.data(), line_.data() + line_.size(), size, 16).ptr;
  *out++ = '\r';
  *out++ = '\n';
  prefix_ = {line_.data(), static_cast<std::size_t>(out - line_.data())};
}

BodySender::Output BodySender::end() {
  at_end_ = true;
  if (framing_ == Framing::kChunked) {
    prefix_ = "0\r\n\r\n";
  }
  return {.state = prefix_.empty() ? Output::State::kEnd : Output::State::kBytes,
          .parts = {prefix_}};
}

void BodySender::consume(std::size_t count) {
  const std::size_t of_prefix = std::min(count, prefix_.size());
  prefix_.remove_prefix(of_prefix);
  const std::size_t of_body = std::min<std::uint64_t>(count - of_prefix, in_chunk_);
  const std::size_t of_suffix = count - of_prefix - of_body;
  suffix_.remove_prefix(of_suffix);
  if (of_body == 0) {
    return;
  }
  source_->consume(of_body);
  in_chunk_ -= of_body;
  if (framing_ == Framing::kLength) {
    length_left_ -= of_body;
  }
}

}  // namespace matricula::http
