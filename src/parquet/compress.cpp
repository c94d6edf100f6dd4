#include "parquet/compress.h"

#include <libdeflate.h>
#include <new>
#include <zstd.h>

#include "base/assert.h"

namespace matricula::parquet {
namespace {

// The quick levels: dictionaries and runs have taken most of what repeats.
constexpr int kGzipLevel = 4;
constexpr int kZstdLevel = 1;

struct FreeDeflate {
  void operator()(libdeflate_compressor* context) const { libdeflate_free_compressor(context); }
};
struct FreeZstd {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

}  // namespace

struct PageCompressor::Contexts {
  std::unique_ptr<libdeflate_compressor, FreeDeflate> deflate;
  std::unique_ptr<ZSTD_CCtx, FreeZstd> zstd;
};

int codec_number(Codec codec) {
  switch (codec) {
    case Codec::kNone:
      return 0;
    case Codec::kGzip:
      return 2;
    case Codec::kZstd:
      return 6;
  }
  MATRICULA_ASSERT(false);
}

PageCompressor::PageCompressor(Codec codec)
    : codec_(codec), contexts_(std::make_unique<Contexts>()) {
  if (codec == Codec::kGzip) {
    contexts_->deflate.reset(libdeflate_alloc_compressor(kGzipLevel));
  } else if (codec == Codec::kZstd) {
    contexts_->zstd.reset(ZSTD_createCCtx());
  }
  if (codec != Codec::kNone && !contexts_->deflate && !contexts_->zstd) {
    throw std::bad_alloc();
  }
}

PageCompressor::~PageCompressor() = default;
PageCompressor::PageCompressor(PageCompressor&&) noexcept = default;

std::size_t PageCompressor::append(std::string_view page, std::string& out) {
  const std::size_t start = out.size();
  switch (codec_) {
    case Codec::kNone:
      out += page;
      break;
    case Codec::kGzip: {
      out.resize(start + libdeflate_gzip_compress_bound(contexts_->deflate.get(), page.size()));
      const std::size_t size =
          libdeflate_gzip_compress(contexts_->deflate.get(), page.data(), page.size(),
                                   out.data() + start, out.size() - start);
      MATRICULA_ASSERT(size > 0);  // there is room for the bound
      out.resize(start + size);
      break;
    }
    case Codec::kZstd: {
      out.resize(start + ZSTD_compressBound(page.size()));
      const std::size_t size =
          ZSTD_compressCCtx(contexts_->zstd.get(), out.data() + start, out.size() - start,
                            page.data(), page.size(), kZstdLevel);
      if (ZSTD_isError(size) != 0) {  // of memory: there is room for the bound
        throw std::bad_alloc();
      }
      out.resize(start + size);
      break;
    }
  }
  return out.size() - start;
}

}  // namespace matricula::parquet
