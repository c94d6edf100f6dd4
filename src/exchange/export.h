#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "records/entities.h"
#include "storage/database.h"

namespace matricula::exchange {

// A file for each table, TABLE.ndjson and so on; or one SQLite file with all of them.
enum class ExportFormat : std::uint8_t { kNdjson, kCsv, kParquet, kSqlite };

// By its name, such as "parquet"; nullopt for none.
std::optional<ExportFormat> find_export_format(std::string_view name);

// The file of ExportFormat::kSqlite.
inline constexpr std::string_view kSqliteFileName = "matricula.sqlite";

struct ExportProgress {
  std::string_view path;
  std::uint64_t records = 0;
  bool is_done = false;
};

struct ExportOptions {
  ExportFormat format = ExportFormat::kNdjson;
  // Progress tables in their flat form, which import does not take. An SQLite file has views
  // instead, always.
  bool is_flat = false;
  // Only these tables; empty for all.
  std::vector<records::EntityId> tables = {};
  // Only this company: its contracts, plans and progress, and the users, programs and assessments
  // that these refer to.
  std::optional<std::string> company = std::nullopt;
  std::function<void(const ExportProgress&)> on_progress = {};
};

struct ExportedFile {
  std::string path;
  std::uint64_t records = 0;
};

// Writes the tables into the directory, which is made where there is none: one state of the store,
// in canonical form, ordered by key, so that equal stores give equal bytes and import takes NDJSON
// back. Refuses, before it writes, a directory that holds a file of one of the names already, or
// for NDJSON any import file. The files appear, durably, when all are complete; on failure none of
// them is left behind. kNotFound where there is no such company.
Result<std::vector<ExportedFile>> export_records(storage::Database& database,
                                                 const std::string& directory,
                                                 const ExportOptions& options = {});

}  // namespace matricula::exchange
