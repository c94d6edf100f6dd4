#include "tables/row_encoder.h"

#include <numeric>

#include "tables/csv_encoder.h"
#include "tables/json_row.h"
#include "tables/parquet_encoder.h"

namespace matricula::tables {
namespace {

class NdjsonEncoder final : public RowEncoder {
 public:
  NdjsonEncoder(const Table& table, std::span<const std::size_t> chosen, bool writes_nulls)
      : members_(table.columns(), chosen, writes_nulls) {}
  void begin(std::string& out) override { static_cast<void>(out); }
  void append(std::span<const storage::Bind> values, std::string& out) override {
    out += '{';
    members_.append(out, values);
    out += "}\n";
  }
  void finish(std::string& out) override { static_cast<void>(out); }

 private:
  JsonMembers members_;
};

}  // namespace

std::unique_ptr<RowEncoder> make_encoder(const Table& table, const EncoderOptions& options) {
  std::vector<std::size_t> chosen(table.columns().size());
  std::iota(chosen.begin(), chosen.end(), 0);
  if (options.columns) {
    chosen = *options.columns;
  }
  switch (options.format) {
    case Format::kNdjson:
      return std::make_unique<NdjsonEncoder>(table, chosen, options.columns.has_value());
    case Format::kCsv:
      return std::make_unique<CsvEncoder>(table, chosen, options.for_excel);
    case Format::kParquet:
      break;
  }
  return std::make_unique<ParquetEncoder>(table, chosen, options.codec, options.origin);
}

}  // namespace matricula::tables
