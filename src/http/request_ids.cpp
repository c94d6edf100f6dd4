#include "http/request_ids.h"

#include <sodium.h>

namespace matricula::http {

void RequestIds::next(std::array<char, kLength>& out) {
  if (used_ == block_.size()) {
    randombytes_buf(block_.data(), block_.size());
    used_ = 0;
  }
  static constexpr char kHex[] = "0123456789abcdef";
  for (std::size_t i = 0; i < kLength; i += 2) {
    const unsigned char byte = block_[used_++];
    out[i] = kHex[byte >> 4U];
    out[i + 1] = kHex[byte & 15U];
  }
}

}  // namespace matricula::http
