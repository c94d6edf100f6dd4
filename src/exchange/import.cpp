#include "exchange/import.h"

#include <fmt/format.h>
#include <memory>
#include <utility>

#include "exchange/byte_source.h"
#include "exchange/import_error.h"
#include "exchange/import_files.h"
#include "exchange/import_totals.h"
#include "exchange/limits.h"
#include "exchange/line_outcomes.h"
#include "exchange/line_reader.h"
#include "exchange/record.h"
#include "exchange/record_batch.h"
#include "exchange/record_reader.h"
#include "exchange/record_spool.h"
#include "records/bulk_load.h"
#include "records/change_log.h"
#include "records/find_problems.h"
#include "records/record_sql.h"
#include "storage/index_rebuild.h"

namespace matricula::exchange {
namespace {

// The import of one file: its reader, its rules, its report.
class FileImport {
 public:
  FileImport(const ImportFile& file, LineReader lines, storage::Database& database,
             const ImportOptions& options, const Clock& clock)
      : options_(options),
        entity_(*file.entity),
        clock_(clock),
        lines_(std::move(lines)),
        reader_(*file.entity),
        spool_(*file.entity),
        changes_(database, clock, options.reports_max),
        batch_(*file.entity, database.dialect(), changes_, outcomes_),
        database_(database),
        bulk_(*file.entity) {
    report_.path = file.path;
  }

  // Reads every line; a rejected one is noted and the next is read. Errors are those of the file
  // and of reading the store.
  Result<void> read() {
    if (database_.dialect() == sql::Dialect::kSqlite) {
      MATRICULA_TRY(reader_session_, database_.open_reader());
    }
    Line line;
    for (;;) {
      MATRICULA_TRY(const bool is_line, lines_.next(line));
      if (!is_line) {
        return {};
      }
      MATRICULA_CHECK(keep(line));
      if (line.number % kLinesPerProgress == 0) {
        tell_progress(0, false);
      }
    }
  }

  // Puts the records that were read into the store.
  Result<void> store(storage::Session& session) {
    MATRICULA_TRY(storage::IndexRebuild* const indexes, rebuild_of_bulk(session));
    if (indexes != nullptr) {
      MATRICULA_CHECK(indexes->drop_indexes(entity_.name));
    }
    std::uint64_t stored = 0;
    const auto put = [&](std::uint64_t line, const Record& record) {
      if (++stored % kLinesPerProgress == 0) {
        tell_progress(stored, false);
      }
      return batch_.take(session, line, record, clock_.now());
    };
    MATRICULA_CHECK(spool_.for_each(put));
    MATRICULA_CHECK(batch_.finish(session));
    if (indexes != nullptr) {
      MATRICULA_CHECK(indexes->rebuild_indexes());
    }
    outcomes_.write(report_);
    tell_progress(stored, true);
    return {};
  }

  // Numbers the changes, for a file that is kept.
  Result<void> number_changes(storage::Session& session) { return changes_.finish(session); }
  // Checks again that no access data refers to deleted records.
  Result<void> recheck(storage::Session& session) { return changes_.removals().recheck(session); }

  FileReport& report() { return report_; }

 private:
  Result<void> keep(const Line& line) {
    if (is_blank(line)) {
      return {};
    }
    ++report_.records;
    if (line.is_too_long) {
      outcomes_.reject_too_long(line.number);
      return {};
    }
    if (const Result<void> read = reader_.read(line.text, record_); !read) {
      outcomes_.reject(line.number, read.error().message);
      return {};
    }
    if (reader_session_ != nullptr && !record_.is_deletion) {
      MATRICULA_CHECK(bulk_.sample(*reader_session_, record_.values));
    }
    return spool_.add(line.number, record_);
  }

  void tell_progress(std::uint64_t stored, bool is_done) const {
    if (options_.on_progress) {
      options_.on_progress({.path = report_.path,
                            .records = report_.records,
                            .stored = stored,
                            .bytes_read = lines_.source().bytes_read(),
                            .bytes_total = lines_.source().bytes_total(),
                            .is_done = is_done});
    }
  }

  // Null where the indexes are not rebuilt: the engine cannot do it within a write, the file
  // changes little of the table, or it has deletions, which need the indexes to find other records
  // about the same person or program.
  Result<storage::IndexRebuild*> rebuild_of_bulk(storage::Session& session) const {
    storage::IndexRebuild* const indexes = storage::index_rebuild(session);
    if (indexes == nullptr || spool_.has_deletions()) {
      return nullptr;
    }
    MATRICULA_TRY(const bool is_bulk, bulk_.is_better_rebuilt(session));
    return is_bulk ? indexes : nullptr;
  }

  const ImportOptions& options_;
  const records::Entity& entity_;
  const Clock& clock_;
  LineReader lines_;
  RecordReader reader_;
  RecordSpool spool_;
  LineOutcomes outcomes_;
  records::ChangeLog changes_;
  RecordBatch batch_;
  storage::Database& database_;
  records::BulkLoad bulk_;
  std::unique_ptr<storage::Session> reader_session_;  // of an engine that can rebuild indexes
  Record record_;
  FileReport report_;
};

Result<FileReport> import_file(storage::Database& database, const ImportFile& file,
                               const ImportOptions& options, const Clock& clock) {
  MATRICULA_TRY(std::unique_ptr<ByteSource> source, open_source(file.path));
  FileImport import(file, LineReader(std::move(source)), database, options, clock);
  if (const Result<void> read = import.read(); !read) {
    return fail(with_path(read.error(), file.path));
  }
  bool has_bad_lines = false;
  const auto work = [&](storage::Session& session) -> Result<void> {
    MATRICULA_CHECK(records::require_triggers(session));
    MATRICULA_CHECK(import.store(session));
    has_bad_lines = import.report().rejected > 0 && !options.skip_invalid;
    if (has_bad_lines) {
      return fail(ErrorCode::kBadUserInput, "The file has bad lines.");  // rolls back
    }
    MATRICULA_CHECK(import.number_changes(session));
    return add_import(session, *file.entity, import.report(), clock.now());
  };
  const Result<void> written = database.write_records(
      {.work = work,
       .recheck = [&](storage::Session& session) { return import.recheck(session); },
       // One record of another entity may move rows of very many people.
       .is_row_by_row = records::is_progress(file.entity->id)});
  if (!written && !has_bad_lines) {
    return fail(with_path(written.error(), file.path));
  }
  import.report().is_kept = written.has_value();
  return std::move(import.report());
}

}  // namespace

std::uint64_t ImportReport::rejected() const {
  std::uint64_t sum = 0;
  for (const FileReport& file : files) {
    sum += file.rejected;
  }
  return sum;
}

Result<ImportReport> import_paths(storage::Database& database, std::span<const std::string> paths,
                                  const ImportOptions& options, const Clock& clock) {
  MATRICULA_TRY(const std::vector<ImportFile> files, find_import_files(paths));
  MATRICULA_CHECK(database.require_all_companies());
  ImportReport report;
  for (const ImportFile& file : files) {
    if (!report.is_complete()) {
      report.not_begun.push_back(file.path);
      continue;
    }
    Result<FileReport> of_file = import_file(database, file, options, clock);
    if (of_file) {
      report.files.push_back(*std::move(of_file));
    } else if (report.files.empty()) {
      return fail(of_file.error());
    } else {
      report.error = of_file.error();
    }
  }
  return report;
}

}  // namespace matricula::exchange
