#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "readmodel/shared_chunks.h"

namespace matricula::readmodel {

// The rows of one company by number, each with its code. Copies share chunks until they are
// written to.
class RowStore {
 public:
  explicit RowStore(std::size_t stride = 0) : stride_(stride) {}
  const std::byte* row(std::uint32_t number) const {
    return chunks_[number / kChunk] + kChunk + stride_ * (number % kChunk);
  }
  std::uint8_t code(std::uint32_t number) const {
    return static_cast<std::uint8_t>(chunks_[number / kChunk][number % kChunk]);
  }
  // Prefetches a row into the processor's cache.
  void prefetch(std::uint32_t number) const {
    const std::byte* const at = row(number);
    __builtin_prefetch(at);
    __builtin_prefetch(at + kCacheLine);
  }
  // How many numbers there are, in use and free.
  std::uint32_t size() const { return size_; }
  // The row to write to. Copies the chunk where it is shared: pointers from before then still show
  // the row as it was.
  std::byte* edit(std::uint32_t number);
  void set_code(std::uint32_t number, std::uint8_t code);
  // A further row, of zeros.
  std::uint32_t add();
  std::size_t bytes() const;

 private:
  static constexpr std::uint32_t kChunk = 256;
  static constexpr std::size_t kCacheLine = 64;
  std::byte* own(std::uint32_t chunk);

  std::size_t stride_;
  std::uint32_t size_ = 0;
  // Codes of the chunk's rows, then the rows.
  SharedChunks<std::byte[]> chunks_;
};

}  // namespace matricula::readmodel
