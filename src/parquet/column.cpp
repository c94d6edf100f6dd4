#include "parquet/column.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/assert.h"
#include "parquet/hybrid.h"
#include "parquet/plain.h"
#include "parquet/thrift.h"

namespace matricula::parquet {
namespace {

// parquet.thrift: PageType.
constexpr int kDataPage = 0;
constexpr int kDictionaryPage = 2;
// Sizes are i32.
constexpr std::size_t kPageBytesMax = std::numeric_limits<std::int32_t>::max();

unsigned width_of(ColumnType type) {
  switch (type) {
    case ColumnType::kText:
      return 0;  // as long as it is
    case ColumnType::kInteger:
      return 4;
    case ColumnType::kReal:
    case ColumnType::kTime:
      return 8;
    case ColumnType::kFlag:
      return 1;
  }
  MATRICULA_ASSERT(false);
}

// A page before it is compressed.
struct Page {
  int type;
  std::size_t values;
  int encoding;
  std::string_view bytes;
};

// Appends a page: its header, then its bytes compressed. Counts both in `chunk`.
void append_page(const Page& page, PageCompressor& compressor, std::string& out, Chunk& chunk) {
  std::string body;
  compressor.append(page.bytes, body);
  MATRICULA_ASSERT(page.bytes.size() <= kPageBytesMax && body.size() <= kPageBytesMax);
  const std::size_t start = out.size();
  ThriftWriter thrift(out);
  thrift.begin_struct();
  thrift.i32_field(1, page.type);
  thrift.i32_field(2, static_cast<std::int32_t>(page.bytes.size()));
  thrift.i32_field(3, static_cast<std::int32_t>(body.size()));
  thrift.begin_struct_field(page.type == kDataPage ? 5 : 7);
  thrift.i32_field(1, static_cast<std::int32_t>(page.values));
  thrift.i32_field(2, page.encoding);
  if (page.type == kDataPage) {
    thrift.i32_field(3, kRle);  // definition levels
    thrift.i32_field(4, kRle);  // repetition levels, of which a flat table has none
  }
  thrift.end_struct();
  thrift.end_struct();
  const std::size_t header = out.size() - start;
  out += body;
  chunk.bytes += header + body.size();
  chunk.uncompressed_bytes += header + page.bytes.size();
}

}  // namespace

int physical_type(ColumnType type) {
  switch (type) {
    case ColumnType::kFlag:
      return 0;
    case ColumnType::kInteger:
      return 1;
    case ColumnType::kTime:
      return 2;
    case ColumnType::kReal:
      return 5;
    case ColumnType::kText:
      return 6;
  }
  MATRICULA_ASSERT(false);
}

ColumnBuffer::ColumnBuffer(const Column& column, std::size_t rows_max, std::size_t bytes_max)
    : type_(column.type),
      is_optional_(column.is_optional),
      rows_max_(rows_max),
      bytes_max_(bytes_max),
      dictionary_(width_of(column.type)),
      has_dictionary_(column.type != ColumnType::kFlag) {}

void ColumnBuffer::null() {
  MATRICULA_ASSERT(is_optional_);
  levels_.push_back(0);
  ++rows_;
}

void ColumnBuffer::defined() {
  if (is_optional_) {
    levels_.push_back(1);
  }
  ++rows_;
  ++values_;
}

// Keeps a value that has this number in the dictionary; whether it is the first of its kind, so
// that bounds have to look at it.
bool ColumnBuffer::keep(std::uint32_t number) {
  const bool is_new = number == seen_;
  seen_ += is_new ? 1 : 0;
  numbers_.push_back(number);
  // However the group ends, more than half of its values are distinct.
  const bool is_too_large = dictionary_.size() > rows_max_ / 2;
  if (is_too_large || dictionary_.is_slow()) {
    if (can_leave_dictionary()) {
      leave_dictionary();
    } else {
      is_full_ = true;
    }
  }
  return is_new;
}

// Keeps a number; whether it may be the first of its kind.
bool ColumnBuffer::keep_number(std::uint64_t bits) {
  defined();
  if (has_dictionary_) {
    all_bytes_ += width_of(type_);
    return keep(dictionary_.add_number(bits));
  }
  append_little_endian(plain_, bits, width_of(type_));
  return true;
}

// Writes the values out one by one.
void ColumnBuffer::leave_dictionary() {
  for (const std::uint32_t number : numbers_) {
    dictionary_.append_plain(plain_, number);
  }
  numbers_.clear();
  dictionary_.clear();
  seen_ = 0;
  has_dictionary_ = false;
}

void ColumnBuffer::text(std::string_view value) {
  defined();
  if (has_dictionary_) {
    all_bytes_ += value.size() + 4;
    if (keep(dictionary_.add_text(value))) {
      statistics_.add_text(value);
    }
    return;
  }
  append_little_endian(plain_, value.size(), 4);
  plain_ += value;
  statistics_.add_text(value);
}

void ColumnBuffer::integer(std::int32_t value) {
  if (keep_number(static_cast<std::uint32_t>(value))) {
    statistics_.add_integer(value);
  }
}

void ColumnBuffer::time(std::int64_t microseconds) {
  if (keep_number(static_cast<std::uint64_t>(microseconds))) {
    statistics_.add_integer(microseconds);
  }
}

void ColumnBuffer::real(double value) {
  if (keep_number(std::bit_cast<std::uint64_t>(value))) {
    statistics_.add_real(value);
  }
}

void ColumnBuffer::flag(bool value) {
  defined();
  numbers_.push_back(value ? 1 : 0);
  statistics_.add_integer(value ? 1 : 0);
}

std::size_t ColumnBuffer::bytes() const {
  return (levels_.size() + numbers_.size()) * sizeof(std::uint32_t) + dictionary_.plain_bytes() +
         plain_.size();
}

// Definition levels have their length in front of them in data pages of version 1.
void ColumnBuffer::append_levels(std::string& page) const {
  if (!is_optional_) {
    return;
  }
  std::string levels;
  append_hybrid(levels, levels_, 1);
  append_little_endian(page, levels.size(), 4);
  page += levels;
}

void ColumnBuffer::append_bits(std::string& page) const {
  const std::size_t start = page.size();
  page.append((numbers_.size() + 7) / 8, '\0');
  for (std::size_t i = 0; i < numbers_.size(); ++i) {
    char& byte = page[start + i / 8];
    byte = static_cast<char>(static_cast<unsigned char>(byte) | (numbers_[i] << (i % 8)));
  }
}

void ColumnBuffer::set_bounds(Chunk& chunk) const {
  chunk.has_bounds = statistics_.is_known();
  if (!chunk.has_bounds) {
    return;
  }
  switch (type_) {
    case ColumnType::kText:
      chunk.least = statistics_.least_text();
      chunk.greatest = statistics_.greatest_text();
      return;
    case ColumnType::kReal:
      chunk.least = statistics_.least_real();
      chunk.greatest = statistics_.greatest_real();
      return;
    case ColumnType::kInteger:
    case ColumnType::kFlag:
    case ColumnType::kTime:
      chunk.least = statistics_.least_integer(width_of(type_));
      chunk.greatest = statistics_.greatest_integer(width_of(type_));
      return;
  }
}

Chunk ColumnBuffer::finish(PageCompressor& compressor, std::string& out) {
  Chunk chunk{.values = rows_, .nulls = rows_ - values_};
  set_bounds(chunk);
  if (has_dictionary_ && dictionary_.size() * 2 > values_ && can_leave_dictionary()) {
    leave_dictionary();
  }
  chunk.has_dictionary = has_dictionary_ && values_ > 0;
  const std::size_t start = out.size();
  std::string page;
  if (chunk.has_dictionary) {
    dictionary_.append_plain(page);
    append_page(
        {.type = kDictionaryPage, .values = dictionary_.size(), .encoding = kPlain, .bytes = page},
        compressor, out, chunk);
    page.clear();
  }
  chunk.data_offset = out.size() - start;
  append_levels(page);
  if (chunk.has_dictionary) {
    const unsigned width = bit_width(static_cast<std::uint32_t>(dictionary_.size() - 1));
    page += static_cast<char>(width);
    append_hybrid(page, numbers_, width);
  } else if (type_ == ColumnType::kFlag) {
    append_bits(page);
  } else {
    page += plain_;
  }
  append_page({.type = kDataPage,
               .values = rows_,
               .encoding = chunk.has_dictionary ? kRleDictionary : kPlain,
               .bytes = page},
              compressor, out, chunk);
  clear();
  return chunk;
}

void ColumnBuffer::clear() {
  rows_ = 0;
  values_ = 0;
  all_bytes_ = 0;
  is_full_ = false;
  levels_.clear();
  numbers_.clear();
  dictionary_.clear();
  seen_ = 0;
  plain_.clear();
  statistics_ = {};
  has_dictionary_ = type_ != ColumnType::kFlag;
}

}  // namespace matricula::parquet
