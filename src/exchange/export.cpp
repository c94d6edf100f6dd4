#include "exchange/export.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <system_error>
#include <utility>

#include "base/assert.h"
#include "base/temporary_names.h"
#include "exchange/import_files.h"
#include "exchange/limits.h"
#include "exchange/output_file.h"
#include "exchange/sqlite_tables.h"
#include "records/change_reader.h"
#include "records/entities.h"
#include "storage/snapshot.h"
#include "tables/row_encoder.h"
#include "tables/table_reader.h"

namespace matricula::exchange {
namespace {

namespace fs = std::filesystem;
using records::Entity;
using records::EntityId;
using storage::Bind;
using storage::RowsHandle;
using storage::Session;
using storage::Statement;
using tables::Table;

tables::Format table_format(ExportFormat format) {
  switch (format) {
    case ExportFormat::kNdjson:
      return tables::Format::kNdjson;
    case ExportFormat::kCsv:
      return tables::Format::kCsv;
    case ExportFormat::kParquet:
      return tables::Format::kParquet;
    case ExportFormat::kSqlite:
      break;
  }
  MATRICULA_ASSERT(false);
}

// The tables asked for, in import order, each once.
std::vector<EntityId> chosen_tables(const ExportOptions& options) {
  std::vector<EntityId> chosen;
  for (const Entity& entity : records::entities()) {
    if (options.tables.empty() ||
        std::ranges::find(options.tables, entity.id) != options.tables.end()) {
      chosen.push_back(entity.id);
    }
  }
  return chosen;
}

std::string file_name(EntityId table, ExportFormat format) {
  return fmt::format("{}.{}", records::entity(table).name,
                     tables::format_name(table_format(format)));
}

// The file names that the directory must not have yet.
std::vector<std::string> taken_names(const ExportOptions& options) {
  std::vector<std::string> names;
  if (options.format == ExportFormat::kSqlite) {
    return {std::string(kSqliteFileName)};
  }
  if (options.format != ExportFormat::kNdjson) {
    for (const EntityId table : chosen_tables(options)) {
      names.push_back(file_name(table, options.format));
    }
    return names;
  }
  // A directory is imported as a whole: it must not hold files of two states.
  for (const Entity& entity : records::entities()) {
    for (const std::string_view ending : import_endings()) {
      names.push_back(fmt::format("{}{}", entity.name, ending));
    }
  }
  return names;
}

// `made` is the directory's name where there was none.
Result<void> prepare_directory(const std::string& directory, const ExportOptions& options,
                               TemporaryName& made) {
  std::error_code code;
  made = make_directories(directory, code);
  if (code) {
    return fail(ErrorCode::kIo,
                fmt::format("The directory {} cannot be made: {}.", directory, code.message()));
  }
  for (const std::string& name : taken_names(options)) {
    const fs::path path = fs::path(directory) / name;
    if (fs::exists(fs::symlink_status(path, code))) {
      return fail(ErrorCode::kConflict,
                  fmt::format("{} exists already. Export into another directory, or remove it.",
                              path.string()));
    }
  }
  return {};
}

// Gives each row of a table to `take`; returns their number. `before` rows were reported already.
template <typename Take>
Result<std::uint64_t> for_each_row(Session& session, const Table& table, const std::string& path,
                                   std::uint64_t before, const ExportOptions& options, Take take) {
  MATRICULA_TRY(tables::TableReader reader,
                tables::TableReader::open(session, table, {.company = options.company}));
  std::uint64_t records = 0;
  for (;;) {
    MATRICULA_TRY(const bool is_row, reader.next());
    if (!is_row) {
      return records;
    }
    MATRICULA_CHECK(take(reader.values()));
    ++records;
    if (records % kLinesPerProgress == 0 && options.on_progress) {
      options.on_progress({.path = path, .records = before + records});
    }
  }
}

void tell_done(const ExportOptions& options, const ExportedFile& file) {
  if (options.on_progress) {
    options.on_progress({.path = file.path, .records = file.records, .is_done = true});
  }
}

Result<std::unique_ptr<tables::RowEncoder>> encoder_of(Session& session, const Table& table,
                                                       const ExportOptions& options) {
  tables::EncoderOptions encoding{.format = table_format(options.format)};
  if (options.company) {
    MATRICULA_TRY(const std::int64_t sequence,
                  records::read_table_sequence(session, *options.company, table.entity().id));
    encoding.origin = tables::Origin{.company = *options.company, .sequence = sequence};
  }
  return tables::make_encoder(table, encoding);
}

Result<std::uint64_t> write_table(Session& session, const Table& table, OutputFile& file,
                                  const ExportOptions& options) {
  MATRICULA_TRY(const std::unique_ptr<tables::RowEncoder> encoder,
                encoder_of(session, table, options));
  std::string out;
  encoder->begin(out);
  const auto take = [&](std::span<const Bind> values) -> Result<void> {
    encoder->append(values, out);
    if (out.size() >= kWriteBytes) {
      MATRICULA_CHECK(file.write(out));
      out.clear();
    }
    return {};
  };
  MATRICULA_TRY(const std::uint64_t records,
                for_each_row(session, table, file.path(), 0, options, take));
  encoder->finish(out);
  MATRICULA_CHECK(file.write(out));
  MATRICULA_CHECK(file.finish());
  return records;
}

// Files that are written, to be put in place together.
struct Written {
  std::vector<OutputFile> files;
  std::vector<ExportedFile> reports;
};

Result<Written> write_files(Session& session, const std::string& directory,
                            const ExportOptions& options) {
  Written written;
  for (const EntityId id : chosen_tables(options)) {
    const fs::path path = fs::path(directory) / file_name(id, options.format);
    const Table table(id, options.is_flat && tables::has_flat_form(id));
    MATRICULA_TRY(OutputFile file, OutputFile::create(path.string()));
    MATRICULA_TRY(const std::uint64_t records, write_table(session, table, file, options));
    written.files.push_back(std::move(file));
    written.reports.push_back({path.string(), records});
    tell_done(options, written.reports.back());
  }
  return written;
}

Result<Written> write_sqlite(Session& session, const std::string& directory,
                             const ExportOptions& options) {
  const fs::path path = fs::path(directory) / kSqliteFileName;
  MATRICULA_TRY(OutputFile file, OutputFile::create(path.string()));
  const std::vector<EntityId> chosen = chosen_tables(options);
  MATRICULA_TRY(SqliteTables out, SqliteTables::open(file.temporary_path(), chosen));
  std::uint64_t records = 0;
  for (const EntityId id : chosen) {
    const Table table(id);
    MATRICULA_CHECK(out.begin_table(table));
    MATRICULA_TRY(const std::uint64_t of_table,
                  for_each_row(session, table, file.path(), records, options,
                               [&](std::span<const Bind> values) { return out.append(values); }));
    records += of_table;
  }
  MATRICULA_CHECK(out.finish());
  MATRICULA_CHECK(file.finish());
  Written written;
  written.files.push_back(std::move(file));
  written.reports.push_back({path.string(), records});
  tell_done(options, written.reports.back());
  return written;
}

Result<void> check_company(Session& session, const ExportOptions& options) {
  if (!options.company) {
    return {};
  }
  const Statement find("SELECT 1 FROM companies WHERE id = ?1");
  const Bind binds[] = {std::string_view(*options.company)};
  MATRICULA_TRY(const RowsHandle rows, session.query(find, binds));
  MATRICULA_TRY(const bool is_known, rows->next());
  if (!is_known) {
    return fail(ErrorCode::kNotFound,
                fmt::format("There is no company \"{}\" in the store.", *options.company));
  }
  return {};
}

Result<void> put_all_in_place(std::vector<OutputFile>& files, const std::string& directory) {
  const SignalsHeld held;  // all of them or none
  Result<void> placed;
  for (OutputFile& file : files) {
    placed = file.put_in_place();
    if (!placed) {
      break;
    }
  }
  if (placed) {
    placed = make_names_durable(directory);
  }
  if (!placed) {
    for (OutputFile& file : files) {
      file.withdraw();
    }
  }
  return placed;
}

}  // namespace

std::optional<ExportFormat> find_export_format(std::string_view name) {
  static constexpr std::pair<std::string_view, ExportFormat> kAll[] = {
      {"ndjson", ExportFormat::kNdjson},
      {"csv", ExportFormat::kCsv},
      {"parquet", ExportFormat::kParquet},
      {"sqlite", ExportFormat::kSqlite}};
  for (const auto& [known, format] : kAll) {
    if (known == name) {
      return format;
    }
  }
  return std::nullopt;
}

Result<std::vector<ExportedFile>> export_records(storage::Database& database,
                                                 const std::string& directory,
                                                 const ExportOptions& options) {
  MATRICULA_CHECK(database.require_all_companies());
  MATRICULA_TRY(const std::unique_ptr<Session> session, database.open_reader());
  MATRICULA_TRY(const storage::SnapshotHandle snapshot, storage::begin_long_snapshot(*session));
  MATRICULA_CHECK(check_company(*session, options));
  TemporaryName made;
  MATRICULA_CHECK(prepare_directory(directory, options, made));
  MATRICULA_TRY(Written written, options.format == ExportFormat::kSqlite
                                     ? write_sqlite(*session, directory, options)
                                     : write_files(*session, directory, options));
  MATRICULA_CHECK(put_all_in_place(written.files, directory));
  return std::move(written.reports);
}

}  // namespace matricula::exchange
