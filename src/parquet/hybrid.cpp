#include "parquet/hybrid.h"

#include <bit>
#include <cstddef>

#include "parquet/varint.h"

namespace matricula::parquet {
namespace {

// Numbers are packed in groups of so many, and shorter runs are packed.
constexpr std::size_t kGroup = 8;

// How many numbers at `from` are equal.
std::size_t run_at(std::span<const std::uint32_t> numbers, std::size_t from) {
  std::size_t end = from + 1;
  while (end < numbers.size() && numbers[end] == numbers[from]) {
    ++end;
  }
  return end - from;
}

void append_run(std::string& out, std::uint32_t number, std::size_t count, unsigned width) {
  append_varint(out, count << 1U);
  for (unsigned bits = 0; bits < width; bits += 8) {
    out += static_cast<char>((number >> bits) & 0xffU);
  }
}

// Packs numbers from the least significant bit on; the last group is filled up with zeros.
void append_packed(std::string& out, std::span<const std::uint32_t> numbers, unsigned width) {
  const std::size_t groups = (numbers.size() + kGroup - 1) / kGroup;
  append_varint(out, (groups << 1U) | 1U);
  std::uint64_t pending = 0;
  unsigned pending_bits = 0;
  for (std::size_t i = 0; i < groups * kGroup; ++i) {
    const std::uint64_t number = i < numbers.size() ? numbers[i] : 0;
    pending |= number << pending_bits;
    pending_bits += width;
    while (pending_bits >= 8) {
      out += static_cast<char>(pending & 0xffU);
      pending >>= 8U;
      pending_bits -= 8;
    }
  }
}

}  // namespace

unsigned bit_width(std::uint32_t greatest) {
  return static_cast<unsigned>(std::bit_width(greatest));
}

void append_hybrid(std::string& out, std::span<const std::uint32_t> numbers, unsigned width) {
  std::size_t packed_from = 0;  // what lies before `at` and is not written yet: whole groups
  std::size_t at = 0;
  while (at < numbers.size()) {
    const std::size_t run = run_at(numbers, at);
    // A run begins where a group ends: its first numbers fill the group that is open.
    const std::size_t open = (at - packed_from) % kGroup;
    const std::size_t fill = open == 0 ? 0 : kGroup - open;
    if (run < fill + kGroup) {
      at += run;
      continue;
    }
    at += fill;
    if (at > packed_from) {
      append_packed(out, numbers.subspan(packed_from, at - packed_from), width);
    }
    append_run(out, numbers[at], run - fill, width);
    at += run - fill;
    packed_from = at;
  }
  if (packed_from < numbers.size()) {
    append_packed(out, numbers.subspan(packed_from), width);
  }
}

}  // namespace matricula::parquet
