#include "http/compress.h"

#include <libdeflate.h>
#include <zstd.h>

#include "base/assert.h"

namespace matricula::http {

struct Compressor::Contexts {
  Contexts() : gzip(libdeflate_alloc_compressor(1)), zstd(ZSTD_createCCtx()) {
    MATRICULA_ASSERT(gzip != nullptr && zstd != nullptr);
  }
  ~Contexts() {
    libdeflate_free_compressor(gzip);
    ZSTD_freeCCtx(zstd);
  }
  Contexts(const Contexts&) = delete;
  Contexts& operator=(const Contexts&) = delete;

  libdeflate_compressor* gzip;
  ZSTD_CCtx* zstd;
};

Compressor::Compressor() : contexts_(std::make_unique<Contexts>()) {}
Compressor::~Compressor() = default;

bool Compressor::compress(ContentCoding coding, std::string_view body, std::string& out) {
  // No room for more than the body: what does not shrink is not worth sending encoded.
  out.resize(body.size());
  std::size_t size = 0;
  switch (coding) {
    case ContentCoding::kIdentity:
      return false;
    case ContentCoding::kGzip:
      size = libdeflate_gzip_compress(contexts_->gzip, body.data(), body.size(), out.data(),
                                      out.size());
      break;
    case ContentCoding::kZstd:
      size =
          ZSTD_compressCCtx(contexts_->zstd, out.data(), out.size(), body.data(), body.size(), 1);
      if (ZSTD_isError(size) != 0) {
        return false;
      }
      break;
  }
  out.resize(size);
  return size != 0 && size < body.size();
}

}  // namespace matricula::http
