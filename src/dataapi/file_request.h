#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dataapi/row_filter.h"
#include "http/parameters.h"
#include "records/entities.h"
#include "tables/format.h"
#include "tables/table.h"

namespace matricula::dataapi {

// How the file itself is compressed; Content-Encoding is negotiated apart from that.
enum class Compression : std::uint8_t { kNone, kGzip, kZstd };

// Which file is requested.
struct FileRequest {
  records::EntityId entity = records::EntityId::kCompanies;
  tables::Format format = tables::Format::kNdjson;
  bool is_flat = false;
  std::optional<std::vector<std::size_t>> columns = {};  // as select_columns() gives them
  bool for_excel = false;
  // As it was asked for; without it Parquet has kZstd and the other formats have none.
  std::optional<Compression> compression = {};
  std::shared_ptr<const RowFilter> filter = {};  // null: all rows

  tables::Table table() const { return tables::Table(entity, is_flat); }
};

// The parameters that read_file_request() takes, apart from `company`.
std::span<const std::string_view> file_parameters();

// Reads what the path names behind `/data/v1/tables/`, such as `users.csv`, and the parameters but
// for those of a RowFilter.
// kNotFound names the tables or formats that there are; kBadUserInput names the parameter.
Result<FileRequest> read_file_request(std::string_view file, const http::Parameters& parameters);

// kBadUserInput where the flat form is requested of a table that has none.
Result<void> check_flat(records::EntityId entity, bool is_flat);

// The entity of a table's name; kNotFound names the tables that there are.
Result<records::EntityId> find_table(std::string_view name);

// The part of the request that the bytes of the file depend on, as text: in one state of the store,
// equal recipes give equal bytes.
std::string recipe(const FileRequest& request);
// For Content-Disposition, such as `users.csv.gz`.
std::string file_name(const FileRequest& request);
std::string_view media_type(const FileRequest& request);
// The media type without parameters, of the format whatever the compression: for Accept.
std::string_view media_range(const FileRequest& request);
std::string_view format_range(tables::Format format);
// Whether the response may be compressed further, by Content-Encoding.
bool may_encode_content(const FileRequest& request);

}  // namespace matricula::dataapi
