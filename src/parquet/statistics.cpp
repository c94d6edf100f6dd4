#include "parquet/statistics.h"

#include <algorithm>
#include <bit>

#include "parquet/plain.h"

namespace matricula::parquet {
namespace {

// A text that is longer is not worth its place in the footer, twice for each column chunk.
constexpr std::size_t kTextMax = 256;

std::string integer_bytes(std::int64_t value, unsigned width) {
  std::string bytes;
  append_little_endian(bytes, static_cast<std::uint64_t>(value), width);
  return bytes;
}

std::string real_bytes(double value) {
  std::string bytes;
  append_little_endian(bytes, std::bit_cast<std::uint64_t>(value), sizeof(value));
  return bytes;
}

}  // namespace

void Statistics::add_text(std::string_view value) {
  is_too_long_ = is_too_long_ || value.size() > kTextMax;
  if (is_too_long_) {
    return;
  }
  if (!is_known_ || value < least_text_) {
    least_text_ = value;
  }
  if (!is_known_ || value > greatest_text_) {
    greatest_text_ = value;
  }
  is_known_ = true;
}

void Statistics::add_integer(std::int64_t value) {
  least_integer_ = is_known_ ? std::min(least_integer_, value) : value;
  greatest_integer_ = is_known_ ? std::max(greatest_integer_, value) : value;
  is_known_ = true;
}

void Statistics::add_real(double value) {
  least_real_ = is_known_ ? std::min(least_real_, value) : value;
  greatest_real_ = is_known_ ? std::max(greatest_real_, value) : value;
  is_known_ = true;
}

std::string Statistics::least_integer(unsigned width) const {
  return integer_bytes(least_integer_, width);
}

std::string Statistics::greatest_integer(unsigned width) const {
  return integer_bytes(greatest_integer_, width);
}

// A zero counts as negative in the least and as positive in the greatest value, since readers may
// tell the two apart (parquet.thrift, ColumnOrder).
std::string Statistics::least_real() const {
  return real_bytes(least_real_ == 0 ? -0.0 : least_real_);
}

std::string Statistics::greatest_real() const {
  return real_bytes(greatest_real_ == 0 ? 0.0 : greatest_real_);
}

}  // namespace matricula::parquet
