#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "parquet/compress.h"
#include "storage/database.h"
#include "tables/format.h"
#include "tables/table.h"

namespace matricula::tables {

// Which state of which company a file shows.
struct Origin {
  std::string company;
  std::int64_t sequence = 0;  // of the table's last change
};

struct EncoderOptions {
  Format format = Format::kNdjson;
  // What select_columns() gave; nullopt: all columns, and NDJSON leaves nulls out.
  std::optional<std::vector<std::size_t>> columns = std::nullopt;
  // CSV alone: a byte order mark in front, and no text that a spreadsheet takes for a formula.
  bool for_excel = false;
  // Parquet alone: the codec of its pages, and what its metadata says.
  parquet::Codec codec = parquet::Codec::kZstd;
  std::optional<Origin> origin = std::nullopt;
};

// Makes the bytes of a file from rows. The same rows and options give the same bytes. Call begin(),
// then append() for each row, then finish(); each appends to `out` what is ready of the file, which
// the caller may take away between calls. NDJSON and CSV allocate nothing for a row beyond growing
// `out`; Parquet holds the values of a row group (parquet::kGroupRowsMax rows,
// parquet::kGroupBytesMax). One thread at a time.
class RowEncoder {
 public:
  virtual ~RowEncoder() = default;
  virtual void begin(std::string& out) = 0;
  // values[i] is that of table.columns()[i], as the store's column keeps it; the encoder picks the
  // chosen ones.
  virtual void append(std::span<const storage::Bind> values, std::string& out) = 0;
  virtual void finish(std::string& out) = 0;
};

// The encoder keeps nothing of `table` but texts that live as long as the program.
std::unique_ptr<RowEncoder> make_encoder(const Table& table, const EncoderOptions& options);

}  // namespace matricula::tables
