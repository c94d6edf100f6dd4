#include "http/stream_compressor.h"

#include <array>
#include <zlib.h>
#include <zstd.h>

#include "base/assert.h"

namespace matricula::http {
namespace {

constexpr std::size_t kStepBytes = 16 * 1024;

class GzipStream final : public StreamCompressor {
 public:
  GzipStream() {
    constexpr int kGzipWindowBits = 15 + 16;
    constexpr int kMemoryLevel = 8;
    is_open_ = deflateInit2(&stream_, 1, Z_DEFLATED, kGzipWindowBits, kMemoryLevel,
                            Z_DEFAULT_STRATEGY) == Z_OK;
  }
  ~GzipStream() override {
    if (is_open_) {
      deflateEnd(&stream_);
    }
  }
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;
  bool is_open() const { return is_open_; }

  void add(std::string_view bytes, Then then, std::string& out) override {
    const int flush = then == Then::kMore    ? Z_NO_FLUSH
                      : then == Then::kFlush ? Z_SYNC_FLUSH
                                             : Z_FINISH;
    // zlib's interface predates const.
    stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    std::array<char, kStepBytes> step;
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(step.data());
      stream_.avail_out = static_cast<uInt>(step.size());
      const int result = deflate(&stream_, flush);
      MATRICULA_ASSERT(result != Z_STREAM_ERROR);
      out.append(step.data(), step.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }

 private:
  z_stream stream_{};
  bool is_open_ = false;
};

class ZstdStream final : public StreamCompressor {
 public:
  ZstdStream() : context_(ZSTD_createCCtx()) {
    if (context_ != nullptr) {
      // A window of 128 KiB instead of 512: the context is held as long as the client reads.
      constexpr int kWindowLog = 17;
      ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, 1);
      ZSTD_CCtx_setParameter(context_, ZSTD_c_windowLog, kWindowLog);
    }
  }
  ~ZstdStream() override { ZSTD_freeCCtx(context_); }
  ZstdStream(const ZstdStream&) = delete;
  ZstdStream& operator=(const ZstdStream&) = delete;
  bool is_open() const { return context_ != nullptr; }

  void add(std::string_view bytes, Then then, std::string& out) override {
    const ZSTD_EndDirective directive = then == Then::kMore    ? ZSTD_e_continue
                                        : then == Then::kFlush ? ZSTD_e_flush
                                                               : ZSTD_e_end;
    ZSTD_inBuffer input{.src = bytes.data(), .size = bytes.size(), .pos = 0};
    std::array<char, kStepBytes> step;
    bool done = false;
    while (!done) {
      ZSTD_outBuffer output{.dst = step.data(), .size = step.size(), .pos = 0};
      const std::size_t left = ZSTD_compressStream2(context_, &output, &input, directive);
      if (ZSTD_isError(left) != 0) {
        throw std::bad_alloc();  // its buffers are made with the first slice
      }
      out.append(step.data(), output.pos);
      done = input.pos == input.size && (then == Then::kMore || left == 0);
    }
  }

 private:
  ZSTD_CCtx* context_;
};

template <typename Stream>
std::unique_ptr<StreamCompressor> open_stream() {
  auto stream = std::make_unique<Stream>();
  return stream->is_open() ? std::move(stream) : nullptr;
}

}  // namespace

std::unique_ptr<StreamCompressor> StreamCompressor::make(ContentCoding coding) {
  switch (coding) {
    case ContentCoding::kGzip:
      return open_stream<GzipStream>();
    case ContentCoding::kZstd:
      return open_stream<ZstdStream>();
    case ContentCoding::kIdentity:
      break;
  }
  MATRICULA_ASSERT(false && "nothing to compress");
  return nullptr;
}

}  // namespace matricula::http
