#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "parquet/compress.h"
#include "parquet/dictionary.h"
#include "parquet/statistics.h"

namespace matricula::parquet {

// What a column holds, and the logical type that it bears.
enum class ColumnType {
  kText,     // BYTE_ARRAY, STRING
  kInteger,  // INT32
  kReal,     // DOUBLE
  kFlag,     // BOOLEAN
  kTime,     // INT64, TIMESTAMP(MICROS, UTC)
};

// The encodings that are written, by their numbers on disk (parquet.thrift, Encoding).
inline constexpr int kPlain = 0;
inline constexpr int kRle = 3;
inline constexpr int kRleDictionary = 8;

// The type's number on disk (parquet.thrift, Type).
int physical_type(ColumnType type);

struct Column {
  std::string name;
  ColumnType type = ColumnType::kText;
  bool is_optional = false;
};

// A column chunk, as the footer describes it. Offsets count from the chunk's first byte.
struct Chunk {
  bool has_dictionary = false;
  std::size_t data_offset = 0;
  std::size_t bytes = 0;               // of all pages with their headers
  std::size_t uncompressed_bytes = 0;  // the same, before compression
  std::size_t values = 0;              // nulls included
  std::size_t nulls = 0;
  bool has_bounds = false;
  std::string least = {};
  std::string greatest = {};
};

// The values of one column of a row group, while it fills. One thread at a time.
class ColumnBuffer {
 public:
  // A group has at most `rows_max` rows, and ends soon after its values take `bytes_max`.
  ColumnBuffer(const Column& column, std::size_t rows_max, std::size_t bytes_max);

  // The next row's value, of the column's type. Preconditions: a null only where the column is
  // optional; no NaN.
  void null();
  void text(std::string_view value);
  void integer(std::int32_t value);
  void real(double value);
  void flag(bool value);
  void time(std::int64_t microseconds);

  std::size_t rows() const { return rows_; }
  // About what the values take in memory.
  std::size_t bytes() const;
  // Whether the group is to end: the dictionary does not pay any more, and without it the values
  // would take more than `bytes_max`.
  bool is_full() const { return is_full_; }
  // Appends the chunk's pages and starts anew.
  Chunk finish(PageCompressor& compressor, std::string& out);

 private:
  void defined();
  bool keep(std::uint32_t number);
  bool keep_number(std::uint64_t bits);
  bool can_leave_dictionary() const { return all_bytes_ <= bytes_max_; }
  void leave_dictionary();
  void append_levels(std::string& page) const;
  void append_bits(std::string& page) const;
  void set_bounds(Chunk& chunk) const;
  void clear();

  ColumnType type_;
  bool is_optional_;
  std::size_t rows_max_;
  std::size_t bytes_max_;
  std::size_t rows_ = 0;
  std::vector<std::uint32_t> levels_;   // of an optional column: 1 where there is a value
  std::vector<std::uint32_t> numbers_;  // of the values in dictionary_, or flags
  Dictionary dictionary_;
  std::uint32_t seen_ = 0;  // values of dictionary_ that statistics_ was given
  bool has_dictionary_;
  std::string plain_;  // the values, when dictionary_ was given up
  std::size_t values_ = 0;
  std::size_t all_bytes_ = 0;  // of all values in encoding PLAIN, repeated ones too
  bool is_full_ = false;
  Statistics statistics_;
};

}  // namespace matricula::parquet
