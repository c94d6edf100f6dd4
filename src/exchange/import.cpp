#include "exchange/import.h"

#include <fmt/format.h>
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
#include "records/change_log.h"

namespace matricula::exchange {
namespace {

// The import of one file: its reader, its rules, its report.
class FileImport {
 public:
  FileImport(const ImportFile& file, LineReader lines, storage::Database& database,
             const ImportOptions& options, const Clock& clock)
      : options_(options),
        clock_(clock),
        lines_(std::move(lines)),
        reader_(*file.entity),
        changes_(database, clock),
        batch_(*file.entity, database.dialect(), changes_, outcomes_) {
    report_.path = file.path;
  }

  // Reads every line; a rejected one is noted and the next is read. Errors are those of the file
  // and of the store.
  Result<void> run(storage::Session& session) {
    Line line;
    for (;;) {
      MATRICULA_TRY(const bool is_line, lines_.next(line));
      if (!is_line) {
        break;
      }
      MATRICULA_CHECK(take(session, line));
      if (line.number % kLinesPerProgress == 0) {
        tell_progress(false);
      }
    }
    MATRICULA_CHECK(batch_.finish(session));
    outcomes_.write(report_);
    tell_progress(true);
    return {};
  }

  // Numbers what was changed, for a file that is kept.
  Result<void> number_changes(storage::Session& session) { return changes_.finish(session); }

  FileReport& report() { return report_; }

 private:
  Result<void> take(storage::Session& session, const Line& line) {
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
    return batch_.take(session, line.number, record_, clock_.now());
  }

  void tell_progress(bool is_done) const {
    if (options_.on_progress) {
      options_.on_progress({.path = report_.path,
                            .records = report_.records,
                            .bytes_read = lines_.source().bytes_read(),
                            .bytes_total = lines_.source().bytes_total(),
                            .is_done = is_done});
    }
  }

  const ImportOptions& options_;
  const Clock& clock_;
  LineReader lines_;
  RecordReader reader_;
  LineOutcomes outcomes_;
  records::ChangeLog changes_;
  RecordBatch batch_;
  Record record_;
  FileReport report_;
};

Result<FileReport> import_file(storage::Database& database, const ImportFile& file,
                               const ImportOptions& options, const Clock& clock) {
  MATRICULA_TRY(std::unique_ptr<ByteSource> source, open_source(file.path));
  FileImport import(file, LineReader(std::move(source)), database, options, clock);
  bool has_bad_lines = false;
  const Result<void> written = database.write([&](storage::Session& session) -> Result<void> {
    MATRICULA_CHECK(import.run(session));
    has_bad_lines = import.report().rejected > 0 && !options.skip_invalid;
    if (has_bad_lines) {
      return fail(ErrorCode::kBadUserInput, "The file has bad lines.");  // rolls back
    }
    MATRICULA_CHECK(import.number_changes(session));
    return add_import(session, *file.entity, import.report(), clock.now());
  });
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
    MATRICULA_TRY(FileReport of_file, import_file(database, file, options, clock));
    report.files.push_back(std::move(of_file));
  }
  return report;
}

}  // namespace matricula::exchange
