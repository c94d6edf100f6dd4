#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace matricula::http {

// Decodes a chunked body (RFC 9112 section 7.1) in pieces of any size. Strict: sizes are hex digits
// alone, lines end with CR LF. Extensions and trailers are read, bounded and dropped. Pure.
class ChunkDecoder {
 public:
  enum class State { kNeedMore, kDone, kMalformed, kTooLarge, kTooMuchFraming };

  struct Limits {
    std::size_t body_bytes_max;
    // Framing around the data: sizes, extensions and trailers, all together.
    std::size_t overhead_bytes_max;
  };

  // Reads from `input`, removes what it used, and appends data to `body`. In kDone, what is left of
  // `input` belongs to the next request. After any state but kNeedMore it must not be called again.
  State decode(std::string_view& input, std::string& body, const Limits& limits);

 private:
  enum class Step {
    kSizeFirst,
    kSize,
    kBlanks,
    kExtension,
    kSizeLf,
    kData,
    kDataCr,
    kDataLf,
    kTrailerStart,
    kTrailer,
    kTrailerLf,
    kEndLf,
    kEnd,
    kBad,
  };

  Step after_size(char c);
  Step next(char c);

  Step step_ = Step::kSizeFirst;
  std::uint64_t size_ = 0;  // of the current chunk: first as read, then what is left of it
  std::size_t overhead_ = 0;
};

}  // namespace matricula::http
