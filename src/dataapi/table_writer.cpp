#include "dataapi/table_writer.h"

#include <memory>

#include "dataapi/company_snapshot.h"
#include "http/stream_compressor.h"
#include "tables/row_encoder.h"
#include "tables/table_reader.h"

namespace matricula::dataapi {
namespace {

// The encoder's output goes to the sink in pieces of about this size; each wakes waiting readers.
constexpr std::size_t kPieceBytes = 256 * 1024;

parquet::Codec codec_of(const FileRequest& request) {
  switch (request.compression.value_or(Compression::kZstd)) {
    case Compression::kNone:
      return parquet::Codec::kNone;
    case Compression::kGzip:
      return parquet::Codec::kGzip;
    case Compression::kZstd:
      break;
  }
  return parquet::Codec::kZstd;
}

// Passes bytes on to the sink, compressed where the file is.
class Packer {
 public:
  static Result<Packer> open(const FileRequest& request, FileSink& sink) {
    Packer packer(sink);
    const Compression wanted = request.format == tables::Format::kParquet
                                   ? Compression::kNone
                                   : request.compression.value_or(Compression::kNone);
    if (wanted != Compression::kNone) {
      packer.compressor_ = http::StreamCompressor::make(
          wanted == Compression::kGzip ? http::ContentCoding::kGzip : http::ContentCoding::kZstd);
      if (packer.compressor_ == nullptr) {
        return fail(ErrorCode::kUnavailable, "The server is out of memory; try again later.");
      }
    }
    return packer;
  }

  // Takes the bytes, and leaves `bytes` empty.
  Result<void> add(std::string& bytes, http::StreamCompressor::Then then) {
    if (compressor_ == nullptr) {
      MATRICULA_CHECK(sink_.append(bytes));
    } else {
      compressor_->add(bytes, then, packed_);
      MATRICULA_CHECK(sink_.append(packed_));
      packed_.clear();
    }
    bytes.clear();
    return {};
  }

 private:
  explicit Packer(FileSink& sink) : sink_(sink) {}

  FileSink& sink_;
  std::unique_ptr<http::StreamCompressor> compressor_;
  std::string packed_;
};

}  // namespace

Result<void> write_table(storage::Session& session, const FileOrder& order, FileSink& sink) {
  const FileRequest& request = order.request;
  MATRICULA_TRY(const auto snapshot, CompanySnapshot::begin(session, order.company));
  MATRICULA_TRY(const FileState state, read_file_state(session, order.company, request.entity));
  sink.begin(state);
  const tables::Table table = request.table();
  MATRICULA_TRY(Packer packer, Packer::open(request, sink));
  // The statement borrows its parameters until all rows are read.
  tables::RowScope scope{.company = order.company};
  RowFilter::Values filter_values;
  if (request.filter != nullptr) {
    scope.condition = request.filter->condition(session.dialect(), filter_values);
  }
  MATRICULA_TRY(tables::TableReader rows, tables::TableReader::open(session, table, scope));
  const auto encoder = tables::make_encoder(
      table,
      {.format = request.format,
       .columns = request.columns,
       .for_excel = request.for_excel,
       .codec = codec_of(request),
       .origin = tables::Origin{.company = order.company, .sequence = state.table_sequence}});
  std::string bytes;
  bytes.reserve(kPieceBytes + kPieceBytes / 4);
  encoder->begin(bytes);
  for (;;) {
    MATRICULA_TRY(const bool is_row, rows.next());
    if (!is_row) {
      break;
    }
    encoder->append(rows.values(), bytes);
    if (bytes.size() >= kPieceBytes) {
      MATRICULA_CHECK(packer.add(bytes, http::StreamCompressor::Then::kMore));
    }
  }
  encoder->finish(bytes);
  return packer.add(bytes, http::StreamCompressor::Then::kFinish);
}

}  // namespace matricula::dataapi
