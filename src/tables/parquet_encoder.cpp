#include "tables/parquet_encoder.h"

#include <array>
#include <fmt/format.h>
#include <variant>

#include "base/uuid.h"

namespace matricula::tables {
namespace {

using records::FieldType;
using storage::Bind;

std::vector<parquet::Column> parquet_columns(const Table& table,
                                             std::span<const std::size_t> chosen) {
  std::vector<parquet::Column> columns;
  for (const std::size_t place : chosen) {
    const Column& column = table.columns()[place];
    columns.push_back({.name = std::string(column.name),
                       .type = parquet_type(column.type),
                       .is_optional = column.is_nullable});
  }
  return columns;
}

parquet::WriterOptions writer_options(const Table& table, parquet::Codec codec,
                                      const std::optional<Origin>& origin) {
  parquet::WriterOptions options{.name = std::string(table.name()), .codec = codec};
  if (origin) {
    options.metadata = {{"matricula.company", origin->company},
                        {"matricula.sequence", fmt::format("{}", origin->sequence)}};
  }
  return options;
}

}  // namespace

parquet::ColumnType parquet_type(FieldType type) {
  switch (type) {
    case FieldType::kInteger:
      return parquet::ColumnType::kInteger;
    case FieldType::kReal:
      return parquet::ColumnType::kReal;
    case FieldType::kFlag:
      return parquet::ColumnType::kFlag;
    case FieldType::kTime:
      return parquet::ColumnType::kTime;
    case FieldType::kText:
    case FieldType::kId:
    case FieldType::kUuid:
    case FieldType::kEmail:
    case FieldType::kUrl:
    case FieldType::kDuration:
    case FieldType::kEnum:
    case FieldType::kTextList:
    case FieldType::kSteps:
    case FieldType::kTranslations:
      break;
  }
  return parquet::ColumnType::kText;
}

std::string_view parquet_type_name(FieldType type) {
  switch (parquet_type(type)) {
    case parquet::ColumnType::kText:
      break;
    case parquet::ColumnType::kInteger:
      return "INT32";
    case parquet::ColumnType::kReal:
      return "DOUBLE";
    case parquet::ColumnType::kFlag:
      return "BOOLEAN";
    case parquet::ColumnType::kTime:
      return "TIMESTAMP(MICROS, UTC)";
  }
  return "STRING";
}

ParquetEncoder::ParquetEncoder(const Table& table, std::span<const std::size_t> chosen,
                               parquet::Codec codec, const std::optional<Origin>& origin)
    : writer_(parquet_columns(table, chosen), writer_options(table, codec, origin)) {
  for (const std::size_t place : chosen) {
    cells_.push_back({.type = table.columns()[place].type, .place = place});
  }
}

// The writer begins the file by itself.
void ParquetEncoder::begin(std::string& out) {
  static_cast<void>(out);
}

void ParquetEncoder::append(std::span<const Bind> values, std::string& out) {
  for (const Cell& cell : cells_) {
    const Bind& value = values[cell.place];
    if (std::holds_alternative<std::monostate>(value)) {
      writer_.null();
    } else {
      append_value(cell.type, value);
    }
  }
  writer_.end_row(out);
}

void ParquetEncoder::finish(std::string& out) {
  writer_.finish(out);
}

void ParquetEncoder::append_value(FieldType type, const Bind& value) {
  switch (type) {
    case FieldType::kText:
    case FieldType::kId:
    case FieldType::kEmail:
    case FieldType::kUrl:
    case FieldType::kDuration:
    case FieldType::kEnum:
    case FieldType::kTextList:
    case FieldType::kSteps:
    case FieldType::kTranslations:
      writer_.text(std::get<std::string_view>(value));
      return;
    case FieldType::kUuid: {
      std::array<char, kUuidTextBytes> text;
      format_uuid(std::get<storage::Bytes>(value), text.data());
      writer_.text({text.data(), text.size()});
      return;
    }
    case FieldType::kInteger:
      // Import takes no greater ones.
      writer_.integer(static_cast<std::int32_t>(std::get<std::int64_t>(value)));
      return;
    case FieldType::kReal:
      writer_.real(std::get<double>(value));
      return;
    case FieldType::kFlag:
      writer_.flag(std::get<std::int64_t>(value) != 0);
      return;
    case FieldType::kTime:
      writer_.time(std::get<std::int64_t>(value));
      return;
  }
}

}  // namespace matricula::tables
