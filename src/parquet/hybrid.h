#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace matricula::parquet {

// Bits that hold every number up to `greatest`; 0 when that is 0.
unsigned bit_width(std::uint32_t greatest);

// Appends numbers of `width` bits (0 to 32) in the hybrid of run lengths and bit packing (Parquet's
// Encodings.md, "RLE = 3"), without a length in front: equal neighbours, eight and more, are a run.
void append_hybrid(std::string& out, std::span<const std::uint32_t> numbers, unsigned width);

}  // namespace matricula::parquet
