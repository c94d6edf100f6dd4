#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "http/negotiate.h"

namespace matricula::http {

// Compresses one body in slices, as gzip or zstd at level 1. One thread at a time.
class StreamCompressor {
 public:
  // About the most memory that one takes.
  static constexpr std::size_t kBytes = 512 * 1024;

  enum class Then {
    kMore,    // more will be added soon
    kFlush,   // what was added so far is to be readable
    kFinish,  // nothing more is added
  };

  // Null when there is no memory for one. Precondition: not kIdentity.
  static std::unique_ptr<StreamCompressor> make(ContentCoding coding);
  virtual ~StreamCompressor() = default;

  // Appends the compressed output so far to `out`: perhaps nothing, unless it flushes or finishes.
  virtual void add(std::string_view bytes, Then then, std::string& out) = 0;
};

}  // namespace matricula::http
