#pragma once

#include <array>
#include <cstddef>

namespace matricula::http {

// Makes request ids: 128 random bits as 32 hex digits. Draws from the kernel in blocks. One for
// each thread.
class RequestIds {
 public:
  static constexpr std::size_t kLength = 32;
  void next(std::array<char, kLength>& out);

 private:
  std::array<unsigned char, 2048> block_{};
  std::size_t used_ = block_.size();
};

}  // namespace matricula::http
