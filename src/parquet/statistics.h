#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace matricula::parquet {

// The least and the greatest of the values added, as bytes in encoding PLAIN without a length
// (parquet.thrift, Statistics), which lets a reader skip row groups. One thread at a time.
class Statistics {
 public:
  // Values of one column are added by one of these alone. Text compares byte by byte.
  void add_text(std::string_view value);
  void add_integer(std::int64_t value);
  // Precondition: not NaN, which has no place in the order.
  void add_real(double value);

  // Whether there is something to say: a value was added, and no text is longer than what is
  // worth a place in the footer.
  bool is_known() const { return is_known_ && !is_too_long_; }
  // Of integers in `width` bytes, little endian; 1, 4 or 8.
  std::string least_integer(unsigned width) const;
  std::string greatest_integer(unsigned width) const;
  std::string least_real() const;
  std::string greatest_real() const;
  const std::string& least_text() const { return least_text_; }
  const std::string& greatest_text() const { return greatest_text_; }

 private:
  bool is_known_ = false;
  bool is_too_long_ = false;
  std::string least_text_;
  std::string greatest_text_;
  std::int64_t least_integer_ = 0;
  std::int64_t greatest_integer_ = 0;
  double least_real_ = 0;
  double greatest_real_ = 0;
};

}  // namespace matricula::parquet
