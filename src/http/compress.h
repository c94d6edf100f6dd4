#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "http/negotiate.h"

namespace matricula::http {

// Compresses bodies at level 1, with contexts that are made once. One for each thread.
class Compressor {
 public:
  Compressor();
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  // Replaces `out` with `body` in that coding, keeping its memory. False when the result would not
  // be smaller than the body, or for kIdentity; `out` is then unspecified.
  bool compress(ContentCoding coding, std::string_view body, std::string& out);

 private:
  struct Contexts;
  std::unique_ptr<Contexts> contexts_;
};

}  // namespace matricula::http
