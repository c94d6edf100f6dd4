#include "http/request_reader.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

#include "base/assert.h"
#include "http/head_parser.h"
#include "http/url.h"

namespace matricula::http {
namespace {

constexpr std::size_t kBodyStep =
    64 * 1024;  // memory grows as the body comes, not as it is claimed
constexpr std::size_t kChunkOverheadMin = 64 * 1024;  // a larger body may have more
constexpr std::size_t kChunkRoomMin = 4096;
constexpr int kTooLarge = 413;
// What every TLS connection begins with (RFC 8446 section 5.1): a byte that no HTTP one does.
constexpr char kTlsHandshake = 22;

std::string over_limit(std::string_view what, std::size_t bytes_max, std::string_view option) {
  return fmt::format("{} is too large: more than {} bytes, the limit \"{}\" of this server.", what,
                     bytes_max, option);
}

}  // namespace

std::span<char> RequestReader::room() {
  MATRICULA_ASSERT(state_ != State::kComplete && state_ != State::kRefused);
  if (state_ == State::kBody && !framing_.chunked) {
    const auto length = static_cast<std::size_t>(framing_.content_length);
    body_.resize(std::min(length, body_received_ + kBodyStep));
    return std::span(body_).subspan(body_received_);
  }
  if (state_ != State::kBody) {
    make_room_for_head();
  }
  return std::span(buffer_).subspan(end_);
}

void RequestReader::make_room_for_head() {
  if (buffer_.empty()) {
    buffer_.resize(kIdleBytes);
  }
  if (end_ < buffer_.size()) {
    return;
  }
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    line_ -= begin_;
    end_ -= begin_;
    begin_ = 0;
    return;
  }
  buffer_.resize(buffer_.size() * 2);
}

RequestReader::State RequestReader::commit(std::size_t count) {
  if (state_ == State::kBody && !framing_.chunked) {
    body_received_ += count;
    if (body_received_ == framing_.content_length) {
      request_.body = body_;
      state_ = State::kComplete;
    }
    return state_;
  }
  end_ += count;
  MATRICULA_ASSERT(end_ <= buffer_.size());
  return advance();
}

RequestReader::State RequestReader::advance() {
  state_ = state_ == State::kBody ? read_chunks() : read_head();
  return state_;
}

RequestReader::State RequestReader::next() {
  MATRICULA_ASSERT(state_ == State::kComplete);
  request_ = Request{};
  if (body_.capacity() > kIdleBytes) {
    body_ = std::string();
  }
  body_.clear();
  body_received_ = 0;
  if (begin_ == end_) {
    begin_ = end_ = 0;
    if (buffer_.size() > kIdleBytes) {
      buffer_ = std::vector<char>(kIdleBytes);
    }
  }
  line_ = begin_;
  state_ = State::kIdle;
  return advance();
}

RequestReader::State RequestReader::refuse_body() {
  return refuse(kTooLarge, over_limit("The request body", limits_.body_bytes_max, "body-bytes"));
}

RequestReader::State RequestReader::refuse(int status, std::string message) {
  refusal_ = {.status = status, .message = std::move(message)};
  return State::kRefused;
}

// Goes on from the last line that was complete, so that a head that comes byte by byte costs no
// more than its length squared over the lines. Bare LF is found here as well as in check_head(),
// because a head of such lines would otherwise never end.
std::optional<std::size_t> RequestReader::find_head_end() {
  while (line_ < end_) {
    const char* const start = buffer_.data() + line_;
    const void* const found = std::memchr(start, '\n', end_ - line_);
    if (found == nullptr) {
      return std::nullopt;
    }
    const auto length = static_cast<std::size_t>(static_cast<const char*>(found) - start);
    if (length == 0 || start[length - 1] != '\r') {
      refusal_ = {.status = 400, .message = "Lines must end with CR LF."};
      return std::nullopt;
    }
    line_ += length + 1;
    if (length == 1) {
      return line_;
    }
  }
  return std::nullopt;
}

RequestReader::State RequestReader::read_head() {
  // RFC 9112 section 2.2: empty lines before the request line are skipped.
  while (line_ == begin_ && end_ - begin_ >= 2 && buffer_[begin_] == '\r' &&
         buffer_[begin_ + 1] == '\n') {
    begin_ += 2;
    line_ = begin_;
  }
  if (begin_ == end_) {
    begin_ = end_ = line_ = 0;
    return State::kIdle;
  }
  if (buffer_[begin_] == kTlsHandshake) {
    // No line would ever end, and the client waits as well.
    return refuse(400, "This is TLS, and plain HTTP is spoken here. Use http:// in the address.");
  }
  refusal_ = {.status = 0};
  const std::optional<std::size_t> head_end = find_head_end();
  if (head_end.value_or(end_) - begin_ > limits_.head_bytes_max) {
    return refuse(431, over_limit("The head of the request", limits_.head_bytes_max, "head-bytes"));
  }
  if (refusal_.status != 0) {
    return State::kRefused;
  }
  return head_end ? begin_request(*head_end) : State::kHead;
}

RequestReader::State RequestReader::begin_request(std::size_t head_end) {
  std::string_view head(buffer_.data() + begin_, head_end - begin_);
  const auto framing = check_head(head, limits_.head_fields_max);
  if (!framing) {
    // The gate refuses a length that fits no number, and does not know the limit.
    return framing.error().status == kTooLarge
               ? refuse_body()
               : refuse(framing.error().status, framing.error().message);
  }
  framing_ = *framing;
  if (framing_.chunked && buffer_.size() - head_end < kChunkRoomMin) {
    // Before the views are taken: chunks are read behind the head, which must not move then.
    buffer_.resize(head_end + kChunkRoomMin);
    head = std::string_view(buffer_.data() + begin_, head.size());
  }
  if (const auto refusal = parse_head(head, framing_, request_, fields_)) {
    return refuse(refusal->status, refusal->message);
  }
  if (auto normal = normal_path(request_.path)) {
    path_ = std::move(*normal);
    request_.path = path_;
  }
  begin_ = head_end;
  return begin_body();
}

RequestReader::State RequestReader::begin_body() {
  if (framing_.chunked) {
    chunks_ = ChunkDecoder{};
    return read_chunks();
  }
  if (framing_.content_length > limits_.body_bytes_max) {
    return refuse_body();
  }
  const auto length = static_cast<std::size_t>(framing_.content_length);
  const std::string_view came(buffer_.data() + begin_, end_ - begin_);
  if (came.size() >= length) {
    request_.body = came.substr(0, length);
    begin_ += length;
    return State::kComplete;
  }
  body_.assign(came);
  body_received_ = came.size();
  end_ = begin_;
  return State::kBody;
}

RequestReader::State RequestReader::read_chunks() {
  std::string_view input(buffer_.data() + begin_, end_ - begin_);
  const ChunkDecoder::Limits limits{
      .body_bytes_max = limits_.body_bytes_max,
      .overhead_bytes_max = std::max(kChunkOverheadMin, limits_.body_bytes_max / 4)};
  const std::size_t came = input.size();
  const ChunkDecoder::State state = chunks_.decode(input, body_, limits);
  body_received_ += came - input.size();
  switch (state) {
    case ChunkDecoder::State::kNeedMore:
      end_ = begin_;
      return State::kBody;
    case ChunkDecoder::State::kDone:
      request_.body = body_;
      begin_ = end_ - input.size();
      return State::kComplete;
    case ChunkDecoder::State::kTooLarge:
      return refuse_body();
    case ChunkDecoder::State::kTooMuchFraming:
      return refuse(kTooLarge, "The chunks of the request body are too small; send larger ones.");
    case ChunkDecoder::State::kMalformed:
      return refuse(400, "The chunked body is malformed.");
  }
  MATRICULA_ASSERT(false);
  return State::kRefused;
}

Refusal RequestReader::lateness(std::chrono::milliseconds head_timeout,
                                std::chrono::milliseconds body_timeout) const {
  const bool in_body = state_ == State::kBody;
  return {.status = 408,
          .message = fmt::format("The request took too long to arrive: its {} more than {} ms, the "
                                 "limit \"{}\" of this server.",
                                 in_body ? "body" : "head",
                                 (in_body ? body_timeout : head_timeout).count(),
                                 in_body ? "body-timeout-ms" : "head-timeout-ms")};
}

std::size_t RequestReader::body_bytes_soon() const {
  return framing_.chunked ? body_.size() + (buffer_.size() - end_)
                          : std::min(static_cast<std::size_t>(framing_.content_length),
                                     body_received_ + kBodyStep);
}

void RequestReader::drop_body() {
  body_ = std::string();
}

bool RequestReader::take_expects_continue() {
  const bool expects = framing_.expects_continue && state_ == State::kBody && body_received_ == 0;
  framing_.expects_continue = false;
  return expects;
}

}  // namespace matricula::http
