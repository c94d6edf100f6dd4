#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "exchange/byte_source.h"

namespace matricula::exchange {

struct Line {
  std::uint64_t number = 0;  // from 1
  std::string_view text;     // without its newline; simdjson may read kPaddingBytes past its end
  bool is_too_long = false;  // longer than kLineBytesMax: the text is left out
};

// Whether a line holds nothing: such lines are skipped.
inline bool is_blank(const Line& line) {
  return !line.is_too_long && line.text.find_first_not_of(" \t\r") == std::string_view::npos;
}

// Splits a file into lines at \n; the last may lack it. Memory is bounded by kLineBytesMax. One
// thread at a time.
class LineReader {
 public:
  explicit LineReader(std::unique_ptr<ByteSource> source);
  // Reads the next line; false after the last. The text is borrowed until the next call.
  Result<bool> next(Line& line);
  const ByteSource& source() const { return *source_; }

 private:
  // Moves the unread bytes to the front and reads more behind them; false at the end of the file.
  Result<bool> refill();
  std::size_t filled() const { return end_ - begin_; }

  std::unique_ptr<ByteSource> source_;
  std::vector<char> buffer_;  // with padding behind
  std::size_t begin_ = 0;     // of the first line not given yet
  std::size_t end_ = 0;       // of what was read
  std::uint64_t number_ = 0;
  bool is_skipping_ = false;  // inside a line that is too long
};

}  // namespace matricula::exchange
