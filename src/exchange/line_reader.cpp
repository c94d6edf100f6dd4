#include "exchange/line_reader.h"

#include <algorithm>
#include <cstring>
#include <simdjson.h>
#include <span>

#include "base/byte_order_mark.h"
#include "exchange/limits.h"

namespace matricula::exchange {
namespace {

constexpr std::size_t kFirstBytes = 256 * 1024;

}  // namespace

LineReader::LineReader(std::unique_ptr<ByteSource> source)
    : source_(std::move(source)), buffer_(kFirstBytes + simdjson::SIMDJSON_PADDING) {}

Result<bool> LineReader::refill() {
  std::memmove(buffer_.data(), buffer_.data() + begin_, filled());
  end_ -= begin_;
  begin_ = 0;
  std::size_t capacity = buffer_.size() - simdjson::SIMDJSON_PADDING;
  if (end_ == capacity) {
    capacity = std::min(capacity * 2, kLineBytesMax + kFirstBytes);
    buffer_.resize(capacity + simdjson::SIMDJSON_PADDING);
  }
  MATRICULA_TRY(const std::size_t count,
                source_->read(std::span<char>(buffer_.data() + end_, capacity - end_)));
  end_ += count;
  return count > 0;
}

Result<bool> LineReader::next(Line& line) {
  std::size_t searched = 0;
  for (;;) {
    const char* const start = buffer_.data() + begin_;
    const auto* const newline =
        static_cast<const char*>(std::memchr(start + searched, '\n', filled() - searched));
    const std::size_t length =
        newline == nullptr ? filled() : static_cast<std::size_t>(newline - start);
    bool is_last = false;
    if (newline == nullptr) {
      if (length > kLineBytesMax || is_skipping_) {
        is_skipping_ = true;  // the buffer is emptied, so that it stays bounded
        begin_ = end_;
      }
      searched = filled();
      MATRICULA_TRY(const bool is_more, refill());
      if (is_more) {
        continue;
      }
      if (filled() == 0 && !is_skipping_) {
        return false;
      }
      is_last = true;
    }
    line.number = ++number_;
    line.is_too_long = is_skipping_ || length > kLineBytesMax;
    // refill() may have moved the text.
    line.text =
        line.is_too_long
            ? std::string_view()
            : without_byte_order_mark({buffer_.data() + begin_, is_last ? filled() : length});
    begin_ = is_last ? end_ : begin_ + length + 1;
    is_skipping_ = false;
    return true;
  }
}

}  // namespace matricula::exchange
