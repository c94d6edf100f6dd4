#include "exchange/export.h"

#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <system_error>

#include "exchange/import_files.h"
#include "exchange/limits.h"
#include "exchange/output_file.h"
#include "records/company_rows.h"
#include "records/entities.h"
#include "records/row_values.h"
#include "tables/json_row.h"

namespace matricula::exchange {
namespace {

namespace fs = std::filesystem;
using records::Entity;
using storage::Bind;
using storage::RowsHandle;
using storage::Session;
using storage::Statement;

Result<void> prepare_directory(const std::string& directory) {
  std::error_code code;
  fs::create_directories(directory, code);
  if (code) {
    return fail(ErrorCode::kIo,
                fmt::format("The directory {} cannot be made: {}.", directory, code.message()));
  }
  for (const Entity& entity : records::entities()) {
    for (const std::string_view ending : import_endings()) {
      const fs::path path = fs::path(directory) / fmt::format("{}{}", entity.name, ending);
      if (fs::exists(fs::symlink_status(path, code))) {
        return fail(ErrorCode::kConflict,
                    fmt::format("{} exists already. Export into another directory, or remove it.",
                                path.string()));
      }
    }
  }
  return {};
}

Result<std::uint64_t> write_entity(Session& session, const Entity& entity, OutputFile& file,
                                   const ExportOptions& options) {
  const Statement select(records::select_rows_sql(entity, options.company.has_value()),
                         storage::ResultSize::kLarge);
  std::array<Bind, 1> company;
  if (options.company) {
    company[0] = std::string_view(*options.company);
  }
  MATRICULA_TRY(
      const RowsHandle rows,
      session.query(select, std::span<const Bind>(company.data(), options.company ? 1 : 0)));
  std::array<Bind, records::kFieldsMax> values;
  std::string out;
  std::uint64_t records = 0;
  for (;;) {
    MATRICULA_TRY(const bool is_row, rows->next());
    if (!is_row) {
      break;
    }
    for (unsigned i = 0; i < entity.fields.size(); ++i) {
      values[i] = records::read_value(*rows, i, entity.fields[i].type);
    }
    tables::append_record(out, entity, values);
    ++records;
    if (out.size() >= kWriteBytes) {
      MATRICULA_CHECK(file.write(out));
      out.clear();
      if (options.on_progress) {
        options.on_progress({.path = file.path(), .records = records});
      }
    }
  }
  MATRICULA_CHECK(file.write(out));
  MATRICULA_CHECK(file.finish());
  if (options.on_progress) {
    options.on_progress({.path = file.path(), .records = records, .is_done = true});
  }
  return records;
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
  Result<void> placed;
  for (OutputFile& file : files) {
    placed = file.put_in_place();
    if (!placed) {
      break;
    }
  }
  if (placed) {
    placed = sync_directory(directory);
  }
  if (!placed) {
    for (OutputFile& file : files) {
      file.withdraw();
    }
  }
  return placed;
}

// Ends the session's view of one state however the export is left.
class Snapshot {
 public:
  explicit Snapshot(Session& session) : session_(session) {}
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  ~Snapshot() { session_.end_snapshot(); }

 private:
  Session& session_;
};

}  // namespace

Result<std::vector<ExportedFile>> export_records(storage::Database& database,
                                                 const std::string& directory,
                                                 const ExportOptions& options) {
  MATRICULA_CHECK(database.require_all_companies());
  MATRICULA_TRY(const std::unique_ptr<Session> session, database.open_reader());
  MATRICULA_CHECK(session->begin_snapshot());
  const Snapshot snapshot(*session);
  MATRICULA_CHECK(check_company(*session, options));
  MATRICULA_CHECK(prepare_directory(directory));
  std::vector<OutputFile> files;
  std::vector<ExportedFile> exported;
  for (const Entity& entity : records::entities()) {
    const fs::path path = fs::path(directory) / fmt::format("{}.ndjson", entity.name);
    MATRICULA_TRY(OutputFile file, OutputFile::create(path.string()));
    MATRICULA_TRY(const std::uint64_t records, write_entity(*session, entity, file, options));
    exported.push_back({path.string(), records});
    files.push_back(std::move(file));
  }
  MATRICULA_CHECK(put_all_in_place(files, directory));
  return exported;
}

}  // namespace matricula::exchange
