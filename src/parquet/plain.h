#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace matricula::parquet {

// Appends the low `width` bytes (1 to 8) of a number, the least significant first: numbers in
// encoding PLAIN.
inline void append_little_endian(std::string& out, std::uint64_t value, unsigned width) {
  std::array<char, 8> bytes;
  for (unsigned i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>((value >> (8 * i)) & 0xffU);
  }
  out.append(bytes.data(), width);
}

}  // namespace matricula::parquet
