#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"

namespace matricula::exchange {

// The bytes of a file, unpacked. One thread at a time.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Fills some of `out`, which is not empty; the number of bytes, 0 at the end. Errors name the
  // file. Memory does not grow with the file.
  virtual Result<std::size_t> read(std::span<char> out) = 0;
  // How much of the file itself was read, and its whole size (0 where it has none, as a pipe).
  virtual std::uint64_t bytes_read() const = 0;
  virtual std::uint64_t bytes_total() const = 0;
};

// Opens a file: one that ends in .gz is unpacked as gzip, one that ends in .zst as Zstandard.
Result<std::unique_ptr<ByteSource>> open_source(const std::string& path);
// Standard input as it comes; messages call it so.
std::unique_ptr<ByteSource> standard_input();

}  // namespace matricula::exchange
