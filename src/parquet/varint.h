#pragma once

#include <cstdint>
#include <string>

namespace matricula::parquet {

// Appends an unsigned LEB128 number: seven bits a byte, the least significant first.
inline void append_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80U) {
    out += static_cast<char>((value & 0x7fU) | 0x80U);
    value >>= 7U;
  }
  out += static_cast<char>(value);
}

}  // namespace matricula::parquet
