#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parquet/column.h"
#include "parquet/compress.h"

namespace matricula::parquet {

// A row group ends at so many rows, or when it takes so much memory: at most a sixteenth and one
// row more.
inline constexpr std::size_t kGroupRowsMax = 65'536;
inline constexpr std::size_t kGroupBytesMax = 64UL * 1024 * 1024;

struct WriterOptions {
  std::string name = "schema";  // of the table
  Codec codec = Codec::kZstd;
  // What the footer says beside the schema, by key.
  std::vector<std::pair<std::string, std::string>> metadata = {};
  std::size_t group_rows_max = kGroupRowsMax;
  std::size_t group_bytes_max = kGroupBytesMax;
};

// Makes a Parquet file of flat rows (https://parquet.apache.org/docs/file-format/): data pages v1,
// encodings PLAIN and RLE_DICTIONARY (where at most half of a group's values are distinct, or where
// they would take more than a group's memory one by one),
// statistics, column orders. The same rows and options give the same bytes. Holds the values of one
// row group. One thread at a time.
class Writer {
 public:
  // Precondition: at least one column.
  Writer(std::vector<Column> columns, WriterOptions options);

  // The next value of the row that is being filled, in the order of columns and of the column's
  // type. Preconditions: a null only where the column is optional; no NaN.
  void null() { next().null(); }
  void text(std::string_view value) {
    unseen_bytes_ += value.size();
    next().text(value);
  }
  void integer(std::int32_t value) { next().integer(value); }
  void real(double value) { next().real(value); }
  void flag(bool value) { next().flag(value); }
  void time(std::int64_t microseconds) { next().time(microseconds); }

  // Ends the row; appends to `out` what of the file is ready: mostly nothing, else a row group.
  // Precondition: each column has its value.
  void end_row(std::string& out);
  // Appends the rest of the file. Nothing may be called afterwards.
  void finish(std::string& out);

 private:
  struct Group {
    std::size_t rows = 0;
    std::size_t offset = 0;  // in the file
    std::size_t bytes = 0;
    std::size_t uncompressed_bytes = 0;
    std::vector<std::pair<std::size_t, Chunk>> chunks = {};  // with their offsets in the file
  };

  ColumnBuffer& next();
  bool is_group_full();
  void begin_file(std::string& out);
  void end_group(std::string& out);
  std::string footer() const;

  std::vector<Column> columns_;
  WriterOptions options_;
  PageCompressor compressor_;
  std::vector<ColumnBuffer> buffers_;
  std::size_t column_ = 0;        // of the next value
  std::size_t written_ = 0;       // bytes of the file so far
  std::size_t unseen_bytes_ = 0;  // of texts since is_group_full() was called
  std::vector<Group> groups_;
};

}  // namespace matricula::parquet
