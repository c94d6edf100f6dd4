#include "parquet/writer.h"

#include "base/assert.h"
#include "parquet/plain.h"
#include "parquet/thrift.h"

namespace matricula::parquet {
namespace {

constexpr std::string_view kMagic = "PAR1";
// In the form `APPLICATION version VERSION (build HASH)` of parquet.thrift: parquet-java passes
// over the statistics of files whose writer it cannot read. The version is that of this writer, so
// that a file's bytes do not change with each release.
constexpr std::string_view kCreatedBy = "matricula version 1.0.0 (build 1)";
constexpr int kVersion = 1;
constexpr std::size_t kRowsBetweenLooks = 64;
constexpr std::size_t kLooksOfAGroup = 16;

// parquet.thrift: FieldRepetitionType, ConvertedType.
constexpr int kRequired = 0;
constexpr int kOptional = 1;
constexpr int kUtf8 = 0;
constexpr int kTimestampMicros = 10;

// SchemaElement.logicalType with the older converted type in front of it, for older readers.
void append_logical_type(ThriftWriter& thrift, ColumnType type) {
  if (type == ColumnType::kText) {
    thrift.i32_field(6, kUtf8);
    thrift.begin_struct_field(10);
    thrift.begin_struct_field(1);  // STRING
    thrift.end_struct();
    thrift.end_struct();
  } else if (type == ColumnType::kTime) {
    thrift.i32_field(6, kTimestampMicros);
    thrift.begin_struct_field(10);
    thrift.begin_struct_field(8);  // TIMESTAMP
    thrift.flag_field(1, true);    // adjusted to UTC
    thrift.begin_struct_field(2);
    thrift.begin_struct_field(2);  // MICROS
    thrift.end_struct();
    thrift.end_struct();
    thrift.end_struct();
    thrift.end_struct();
  }
}

void append_schema(ThriftWriter& thrift, std::string_view name,
                   const std::vector<Column>& columns) {
  thrift.begin_list_field(2, ThriftWriter::Element::kStruct, columns.size() + 1);
  thrift.begin_struct();
  thrift.binary_field(4, name);
  thrift.i32_field(5, static_cast<std::int32_t>(columns.size()));
  thrift.end_struct();
  for (const Column& column : columns) {
    thrift.begin_struct();
    thrift.i32_field(1, physical_type(column.type));
    thrift.i32_field(3, column.is_optional ? kOptional : kRequired);
    thrift.binary_field(4, column.name);
    append_logical_type(thrift, column.type);
    thrift.end_struct();
  }
}

void append_encodings(ThriftWriter& thrift, bool has_dictionary) {
  thrift.begin_list_field(2, ThriftWriter::Element::kI32, has_dictionary ? 3 : 2);
  thrift.i32(kPlain);
  thrift.i32(kRle);
  if (has_dictionary) {
    thrift.i32(kRleDictionary);
  }
}

// ColumnChunk. `offset` is where the chunk begins in the file.
void append_chunk(ThriftWriter& thrift, const Column& column, const Chunk& chunk,
                  std::size_t offset, Codec codec) {
  const auto i64 = [](std::size_t value) { return static_cast<std::int64_t>(value); };
  thrift.begin_struct();
  thrift.i64_field(2, i64(offset));
  thrift.begin_struct_field(3);
  thrift.i32_field(1, physical_type(column.type));
  append_encodings(thrift, chunk.has_dictionary);
  thrift.begin_list_field(3, ThriftWriter::Element::kBinary, 1);
  thrift.binary(column.name);
  thrift.i32_field(4, codec_number(codec));
  thrift.i64_field(5, i64(chunk.values));
  thrift.i64_field(6, i64(chunk.uncompressed_bytes));
  thrift.i64_field(7, i64(chunk.bytes));
  thrift.i64_field(9, i64(offset + chunk.data_offset));
  if (chunk.has_dictionary) {
    thrift.i64_field(11, i64(offset));
  }
  thrift.begin_struct_field(12);  // statistics
  thrift.i64_field(3, i64(chunk.nulls));
  if (chunk.has_bounds) {
    thrift.binary_field(5, chunk.greatest);
    thrift.binary_field(6, chunk.least);
  }
  thrift.end_struct();
  thrift.end_struct();
  thrift.end_struct();
}

}  // namespace

Writer::Writer(std::vector<Column> columns, WriterOptions options)
    : columns_(std::move(columns)), options_(std::move(options)), compressor_(options_.codec) {
  MATRICULA_ASSERT(!columns_.empty());
  buffers_.reserve(columns_.size());
  for (const Column& column : columns_) {
    buffers_.emplace_back(column, options_.group_rows_max, options_.group_bytes_max);
  }
}

ColumnBuffer& Writer::next() {
  MATRICULA_ASSERT(column_ < buffers_.size());
  return buffers_[column_++];
}

void Writer::begin_file(std::string& out) {
  if (written_ == 0) {
    out += kMagic;
    written_ = kMagic.size();
  }
}

void Writer::end_row(std::string& out) {
  MATRICULA_ASSERT(column_ == buffers_.size());
  column_ = 0;
  begin_file(out);
  const std::size_t rows = buffers_.front().rows();
  // Adding up what all columns hold costs as much as a value, so only now and then.
  const bool is_due =
      rows % kRowsBetweenLooks == 0 || unseen_bytes_ >= options_.group_bytes_max / kLooksOfAGroup;
  if (rows >= options_.group_rows_max || (is_due && is_group_full())) {
    end_group(out);
  }
}

bool Writer::is_group_full() {
  unseen_bytes_ = 0;
  std::size_t bytes = 0;
  for (const ColumnBuffer& buffer : buffers_) {
    if (buffer.is_full()) {
      return true;
    }
    bytes += buffer.bytes();
  }
  return bytes >= options_.group_bytes_max;
}

void Writer::end_group(std::string& out) {
  Group group{.rows = buffers_.front().rows(), .offset = written_};
  for (ColumnBuffer& buffer : buffers_) {
    const std::size_t before = out.size();
    Chunk chunk = buffer.finish(compressor_, out);
    MATRICULA_ASSERT(chunk.bytes == out.size() - before);
    group.bytes += chunk.bytes;
    group.uncompressed_bytes += chunk.uncompressed_bytes;
    group.chunks.emplace_back(written_, std::move(chunk));
    written_ += out.size() - before;
  }
  groups_.push_back(std::move(group));
}

void Writer::finish(std::string& out) {
  MATRICULA_ASSERT(column_ == 0);
  begin_file(out);
  if (buffers_.front().rows() > 0) {
    end_group(out);
  }
  const std::string metadata = footer();
  out += metadata;
  append_little_endian(out, metadata.size(), 4);
  out += kMagic;
}

// FileMetaData.
std::string Writer::footer() const {
  std::string out;
  ThriftWriter thrift(out);
  std::size_t rows = 0;
  for (const Group& group : groups_) {
    rows += group.rows;
  }
  thrift.begin_struct();
  thrift.i32_field(1, kVersion);
  append_schema(thrift, options_.name, columns_);
  thrift.i64_field(3, static_cast<std::int64_t>(rows));
  thrift.begin_list_field(4, ThriftWriter::Element::kStruct, groups_.size());
  for (const Group& group : groups_) {
    thrift.begin_struct();
    thrift.begin_list_field(1, ThriftWriter::Element::kStruct, columns_.size());
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      append_chunk(thrift, columns_[i], group.chunks[i].second, group.chunks[i].first,
                   options_.codec);
    }
    thrift.i64_field(2, static_cast<std::int64_t>(group.uncompressed_bytes));
    thrift.i64_field(3, static_cast<std::int64_t>(group.rows));
    thrift.i64_field(5, static_cast<std::int64_t>(group.offset));
    thrift.i64_field(6, static_cast<std::int64_t>(group.bytes));
    thrift.end_struct();
  }
  if (!options_.metadata.empty()) {
    thrift.begin_list_field(5, ThriftWriter::Element::kStruct, options_.metadata.size());
    for (const auto& [key, value] : options_.metadata) {
      thrift.begin_struct();
      thrift.binary_field(1, key);
      thrift.binary_field(2, value);
      thrift.end_struct();
    }
  }
  thrift.binary_field(6, kCreatedBy);
  // The statistics compare as the types say (ColumnOrder, TYPE_ORDER).
  thrift.begin_list_field(7, ThriftWriter::Element::kStruct, columns_.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    thrift.begin_struct();
    thrift.begin_struct_field(1);
    thrift.end_struct();
    thrift.end_struct();
  }
  thrift.end_struct();
  return out;
}

}  // namespace matricula::parquet
