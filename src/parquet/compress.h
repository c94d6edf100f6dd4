#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace matricula::parquet {

// How the pages of a file are compressed.
enum class Codec { kNone, kGzip, kZstd };

// The number of a codec in a file's metadata (parquet.thrift, CompressionCodec).
int codec_number(Codec codec);

// Compresses pages with contexts that are made once. One thread at a time.
class PageCompressor {
 public:
  explicit PageCompressor(Codec codec);
  ~PageCompressor();
  PageCompressor(PageCompressor&&) noexcept;
  PageCompressor& operator=(PageCompressor&&) = delete;

  // Appends the page to `out`, compressed; the number of bytes appended.
  std::size_t append(std::string_view page, std::string& out);

 private:
  struct Contexts;
  Codec codec_;
  std::unique_ptr<Contexts> contexts_;
};

}  // namespace matricula::parquet
