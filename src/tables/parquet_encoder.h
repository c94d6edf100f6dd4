#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parquet/writer.h"
#include "tables/row_encoder.h"
#include "tables/table.h"

namespace matricula::tables {

// The Parquet type of a field's column: ids, enums and JSON are texts.
parquet::ColumnType parquet_type(records::FieldType type);
// Its name, such as `TIMESTAMP(MICROS, UTC)`.
std::string_view parquet_type_name(records::FieldType type);

// A Parquet file: typed columns, optional where they may be null. Where the origin is known, the
// metadata says `matricula.company` and `matricula.sequence`.
class ParquetEncoder final : public RowEncoder {
 public:
  ParquetEncoder(const Table& table, std::span<const std::size_t> chosen, parquet::Codec codec,
                 const std::optional<Origin>& origin);
  void begin(std::string& out) override;
  void append(std::span<const storage::Bind> values, std::string& out) override;
  void finish(std::string& out) override;

 private:
  struct Cell {
    records::FieldType type;
    std::size_t place;
  };
  void append_value(records::FieldType type, const storage::Bind& value);

  std::vector<Cell> cells_;
  parquet::Writer writer_;
};

}  // namespace matricula::tables
