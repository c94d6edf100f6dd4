#include "http/chunked.h"

#include <algorithm>

#include "base/assert.h"
#include "base/text.h"

namespace matricula::http {
namespace {

bool is_text(char c) {
  return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
}

// Far above every limit, far below where adding a digit could overflow.
constexpr std::uint64_t kSizeMax = std::uint64_t{1} << 56;

}  // namespace

ChunkDecoder::Step ChunkDecoder::after_size(char c) {
  if (c == '\r') {
    return Step::kSizeLf;
  }
  return c == ' ' || c == '\t' ? Step::kBlanks : c == ';' ? Step::kExtension : Step::kBad;
}

// The step after one byte of framing. Data never comes here.
ChunkDecoder::Step ChunkDecoder::next(char c) {
  switch (step_) {
    case Step::kSizeFirst:
    case Step::kSize: {
      const int digit = hex_value(c);
      if (digit < 0) {
        return step_ == Step::kSizeFirst ? Step::kBad : after_size(c);
      }
      size_ = size_ * 16 + static_cast<std::uint64_t>(digit);
      return size_ < kSizeMax ? Step::kSize : Step::kBad;
    }
    case Step::kBlanks:  // RFC 9112, section 7.1.1: in front of an extension alone
      return c == '\r' ? Step::kBad : after_size(c);
    case Step::kExtension:
      return c == '\r' ? Step::kSizeLf : is_text(c) ? Step::kExtension : Step::kBad;
    case Step::kSizeLf:
      return c != '\n' ? Step::kBad : size_ == 0 ? Step::kTrailerStart : Step::kData;
    case Step::kDataCr:
      return c == '\r' ? Step::kDataLf : Step::kBad;
    case Step::kDataLf:
      return c == '\n' ? Step::kSizeFirst : Step::kBad;
    case Step::kTrailerStart:
      return c == '\r' ? Step::kEndLf : is_text(c) ? Step::kTrailer : Step::kBad;
    case Step::kTrailer:
      return c == '\r' ? Step::kTrailerLf : is_text(c) ? Step::kTrailer : Step::kBad;
    case Step::kTrailerLf:
      return c == '\n' ? Step::kTrailerStart : Step::kBad;
    case Step::kEndLf:
      return c == '\n' ? Step::kEnd : Step::kBad;
    case Step::kData:
    case Step::kEnd:
    case Step::kBad:
      break;
  }
  MATRICULA_ASSERT(false);
  return Step::kBad;
}

ChunkDecoder::State ChunkDecoder::decode(std::string_view& input, std::string& body,
                                         const Limits& limits) {
  while (!input.empty()) {
    if (step_ == Step::kData) {
      if (size_ > limits.body_bytes_max - body.size()) {
        return State::kTooLarge;
      }
      const std::size_t taken = std::min(static_cast<std::size_t>(size_), input.size());
      body.append(input.substr(0, taken));
      input.remove_prefix(taken);
      size_ -= taken;
      step_ = size_ == 0 ? Step::kDataCr : Step::kData;
      continue;
    }
    if (++overhead_ > limits.overhead_bytes_max) {
      return State::kTooMuchFraming;
    }
    step_ = next(input.front());
    input.remove_prefix(1);
    if (step_ == Step::kBad) {
      return State::kMalformed;
    }
    if (step_ == Step::kEnd) {
      return State::kDone;
    }
  }
  // A chunk that cannot fit is refused when its size is known, not when its data comes.
  if (step_ == Step::kData && size_ > limits.body_bytes_max - body.size()) {
    return State::kTooLarge;
  }
  return State::kNeedMore;
}

}  // namespace matricula::http
