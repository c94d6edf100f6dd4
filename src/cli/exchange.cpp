#include <fmt/format.h>
#include <limits>

#include "base/escape.h"
#include "base/join.h"
#include "base/text.h"
#include "base/time_text.h"
#include "cli/context.h"
#include "cli/ids.h"
#include "cli/list_output.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "exchange/copy.h"
#include "exchange/export.h"
#include "exchange/feed_import.h"
#include "exchange/generate.h"
#include "exchange/import.h"
#include "exchange/import_files.h"
#include "exchange/output_file.h"
#include "exchange/sqlite_tables.h"
#include "records/entities.h"
#include "server/store.h"

namespace matricula::cli {
namespace {

void print_import_json(Context& context, const exchange::ImportReport& report) {
  std::string out = R"({"files":[)";
  for (std::size_t i = 0; i < report.files.size(); ++i) {
    const exchange::FileReport& file = report.files[i];
    out += fmt::format(
        R"({}{{"path":{},"records":{},"changed":{},"unchanged":{},"deleted":{},"rejected":{},"kept":{}}})",
        i == 0 ? "" : ",", json_string(file.path), file.records, file.changed, file.unchanged,
        file.deleted, file.rejected, file.is_kept);
  }
  context.out.print(fmt::format("{}],\"rejected\":{},\"complete\":{}}}\n", out, report.rejected(),
                                report.is_complete()));
}

// Prints the rejected lines, and what that means for the file.
void print_rejected(Context& context, const exchange::FileReport& file, std::string_view remedy) {
  for (const std::string& reason : file.reasons) {
    context.messages.print(reason);
  }
  if (file.rejected > file.reasons.size()) {
    context.messages.print(
        fmt::format("{}: {} further bad lines", file.path, file.rejected - file.reasons.size()));
  }
  if (!file.is_kept) {
    context.messages.print(fmt::format("{}: nothing of it was kept; {}", file.path, remedy));
  }
}

int import_status(const exchange::ImportReport& report) {
  return !report.is_complete() ? 1 : report.rejected() > 0 ? 3 : 0;
}

Result<int> import(Context& context, const std::vector<std::string>& paths, bool skip_invalid) {
  // Paths that name nothing are refused before a store is made for them.
  MATRICULA_TRY([[maybe_unused]] const auto files, exchange::find_import_files(paths));
  MATRICULA_TRY(const auto database, server::open_store(context.store, {}, context.clock));
  Progress progress(context.messages, context.quiet);
  exchange::ImportOptions options{.skip_invalid = skip_invalid};
  options.on_progress = [&](const exchange::ImportProgress& at) {
    if (at.stored == 0 && !at.is_done) {
      progress.report(fmt::format("{}, reading", at.path), at.records, at.bytes_read,
                      at.bytes_total, false);
    } else {
      progress.report(at.path, at.stored, at.stored, at.records, at.is_done);
    }
  };
  MATRICULA_TRY(const exchange::ImportReport report,
                exchange::import_paths(*database, paths, options, context.clock));
  for (const exchange::FileReport& file : report.files) {
    print_rejected(context, file, "mend the lines above, or give --skip-invalid");
  }
  for (const std::string& path : report.not_begun) {
    context.messages.print(fmt::format("{}: not begun", path));
  }
  if (context.wants_json()) {
    print_import_json(context, report);
  }
  return report.error ? fail(*report.error) : Result<int>(import_status(report));
}

// The id of the company whose feed is applied; one that the store does not have yet is named by it.
Result<std::string> feed_company(storage::Database& database, const std::string& text) {
  if (text.empty()) {
    return text;
  }
  MATRICULA_TRY(const auto reader, database.open_reader());
  const Result<std::string> id = company_id(*reader, text);
  const bool may_be_new = !id && id.error().code == ErrorCode::kNotFound && is_utf8(text);
  return may_be_new ? Result<std::string>(text) : id;
}

struct ImportRequest {
  std::vector<std::string> paths;
  std::string changes;      // empty for none
  std::string company;      // of the feed; empty for that of its lines
  bool from_start = false;  // the feed
  bool skip_invalid = false;
};

Result<int> import_feed(Context& context, const ImportRequest& request) {
  // A file that cannot be opened is refused before a store is made for it.
  MATRICULA_TRY(exchange::Feed feed, exchange::open_feed(request.changes));
  MATRICULA_TRY(const auto database, server::open_store(context.store, {}, context.clock));
  Progress progress(context.messages, context.quiet);
  exchange::ImportOptions options;
  MATRICULA_TRY(options.company, feed_company(*database, request.company));
  options.from_start = request.from_start;
  options.on_progress = [&](const exchange::ImportProgress& at) {
    progress.report(at.path, at.records, at.bytes_read, at.bytes_total, at.is_done);
  };
  MATRICULA_TRY(exchange::FileReport file,
                exchange::import_changes(*database, std::move(feed), options, context.clock));
  print_rejected(context, file, "mend the lines above");
  const exchange::ImportReport report{.files = {std::move(file)}, .not_begun = {}};
  if (context.wants_json()) {
    print_import_json(context, report);
  }
  return import_status(report);
}

// Describes a file that was written.
std::string file_text(const std::string& path, std::uint64_t records) {
  return fmt::format("{{\"path\":{},\"records\":{}}}", json_string(path), records);
}

// The options of export as they were typed.
struct ExportRequest {
  std::string directory;
  std::string company;
  std::string format = "ndjson";
  std::vector<std::string> tables;
  bool is_flat = false;
};

Result<std::vector<records::EntityId>> tables_named(const std::vector<std::string>& names) {
  std::vector<records::EntityId> ids;
  for (const std::string& name : names) {
    const records::Entity* const entity = records::find_entity(name);
    if (entity == nullptr) {
      return fail(ErrorCode::kUsage,
                  fmt::format("--table {}: not a table; the tables are {}", name,
                              joined(records::entities(), &records::Entity::name)));
    }
    ids.push_back(entity->id);
  }
  return ids;
}

// An SQLite file of some tables has no view that needs another one.
void name_missing_views(Context& context, const exchange::ExportOptions& options) {
  if (options.format != exchange::ExportFormat::kSqlite || context.quiet) {
    return;
  }
  for (const exchange::MissingView& view : exchange::missing_views(options.tables)) {
    std::string needs;
    for (const records::EntityId id : view.needs) {
      needs += fmt::format(" --table {}", records::entity(id).name);
    }
    context.messages.print(fmt::format("{}: has no view {}_flat, which also needs{}",
                                       exchange::kSqliteFileName, records::entity(view.table).name,
                                       needs));
  }
}

Result<int> export_store(Context& context, ExportRequest& request) {
  if (request.format == "sqlite" &&
      !keep_stronger<bool, std::string>(context.given, {"flat", request.is_flat},
                                        {"format", request.format, ExportRequest().format})) {
    return fail(ErrorCode::kUsage,
                "--flat: not with --format sqlite, whose file has a view TABLE_flat of each table "
                "with progress");
  }
  exchange::ExportOptions options{.is_flat = request.is_flat};
  const auto format = exchange::find_export_format(request.format);
  if (!format) {
    return fail(ErrorCode::kUsage,
                fmt::format("--format {}: not a format; write ndjson, csv, parquet or sqlite",
                            request.format));
  }
  options.format = *format;
  MATRICULA_TRY(options.tables, tables_named(request.tables));
  MATRICULA_TRY(const auto database,
                server::open_store(context.store, {.create = false}, context.clock));
  if (!request.company.empty()) {
    MATRICULA_TRY(const auto reader, database->open_reader());
    MATRICULA_TRY(options.company, company_id(*reader, request.company));
  }
  for (const std::string& path : exchange::unfinished_files(request.directory)) {
    context.messages.print(
        fmt::format("{}: not finished; remove it unless an export is writing it now", path));
  }
  Progress progress(context.messages, context.quiet);
  options.on_progress = [&](const exchange::ExportProgress& at) {
    progress.report(at.path, at.records, 0, 0, at.is_done);
  };
  MATRICULA_TRY(const auto files, exchange::export_records(*database, request.directory, options));
  name_missing_views(context, options);
  if (context.wants_json()) {
    print_list(context, files, [](const exchange::ExportedFile& file) {
      return file_text(file.path, file.records);
    });
  }
  return 0;
}

Result<int> copy(Context& context, const std::string& from, const std::string& to) {
  MATRICULA_TRY(const auto source,
                server::open_store(from, {.create = false, .migrate = false}, context.clock));
  MATRICULA_TRY(const auto target, server::open_store(to, {}, context.clock));
  Progress progress(context.messages, context.quiet);
  exchange::CopyOptions options;
  options.on_progress = [&](const std::string& table, std::uint64_t rows) {
    progress.report(table, rows, 0, 0, false);
  };
  MATRICULA_TRY(const auto tables, exchange::copy_store(*source, *target, options));
  if (context.wants_json()) {
    print_list(context, tables, [](const exchange::CopiedTable& table) {
      return fmt::format("{{\"table\":{},\"rows\":{},\"checksum\":\"{}\"}}",
                         json_string(table.name), table.rows, table.checksum);
    });
  }
  if (context.quiet) {
    return 0;
  }
  for (const exchange::CopiedTable& table : tables) {
    context.messages.print(
        fmt::format("{}: {} rows, checksum {} in both", table.name, table.rows, table.checksum));
  }
  context.messages.print("copied; the key file is not part of it, give the new servers the same");
  return 0;
}

Result<int> generate(Context& context, exchange::GenerateOptions& options,
                     const std::string& as_of) {
  if (!as_of.empty()) {
    options.now = parse_time(as_of);
    if (!options.now) {
      return fail(ErrorCode::kUsage,
                  fmt::format("--as-of {}: not a time; write 2026-01-31T00:00:00Z", as_of));
    }
  }
  std::vector<std::string> files;
  options.on_file = [&](const std::string& file, std::uint64_t rows) {
    files.push_back(file_text(options.out + "/" + file, rows));
    if (!context.quiet && !context.wants_json()) {
      context.messages.print(fmt::format("{}/{}: {} rows", options.out, file, rows));
    }
  };
  MATRICULA_CHECK(exchange::generate(options, context.clock));
  if (context.wants_json()) {
    print_list(context, files, [](const std::string& file) { return file; });
  }
  return 0;
}

// A PATH is always an argument: settings for feeds do not stop an import of files.
void drop_settings_of_feeds(const Given& given, ImportRequest& request) {
  if (request.paths.empty()) {
    return;
  }
  if (source_of(given, "changes") < Source::kArgument) {
    request.changes.clear();
  }
  if (request.changes.empty() && source_of(given, "company") < Source::kArgument) {
    request.company.clear();
  }
  if (request.changes.empty() && source_of(given, "from-start") < Source::kArgument) {
    request.from_start = false;
  }
}

Result<int> import_requested(Context& context, ImportRequest& request) {
  drop_settings_of_feeds(context.given, request);
  if (request.changes.empty() && !request.company.empty()) {
    return fail(ErrorCode::kUsage, "--company names the company of a feed: give it with --changes");
  }
  if (request.changes.empty() && request.from_start) {
    return fail(ErrorCode::kUsage, "--from-start is about a feed: give it with --changes");
  }
  if (request.changes.empty() && request.paths.empty()) {
    return fail(ErrorCode::kUsage,
                "PATH is required, or --changes FILE; `matricula import --help` says more");
  }
  const bool is_one = keep_stronger<std::string, bool>(context.given, {"changes", request.changes},
                                                       {"skip-invalid", request.skip_invalid});
  if (!is_one || (!request.changes.empty() && !request.paths.empty())) {
    return fail(ErrorCode::kUsage,
                "--changes takes one feed, all of it: no PATH and no --skip-invalid beside it");
  }
  return request.changes.empty() ? import(context, request.paths, request.skip_invalid)
                                 : import_feed(context, request);
}

void add_import(CLI::App& app, Context& context) {
  auto request = std::make_shared<ImportRequest>();
  CLI::App& command = add_command(
      app, context.texts,
      {.name = "import",
       .summary = "Reads NDJSON files and directories into the store, or a feed of changes.",
       .example = "matricula import data/\n"
                  "matricula import --skip-invalid users.ndjson.gz\n"
                  "matricula import --changes changes.ndjson --company acme\n"
                  "matricula import --changes all.ndjson --from-start",
       .shared = {.store = true, .json = true, .quiet = true}});
  command.add_option("PATH", request->paths, "a file or a directory");
  command
      .add_option("--changes", request->changes,
                  "a feed of /data/v1/changes to apply, whole; - for standard input")
      ->type_name("FILE");
  command
      .add_option("--company", request->company,
                  "the feed's company, for a store that follows several: its id or its slug")
      ->type_name("ID");
  command.add_flag("--from-start", request->from_start,
                   "the feed was read from after=0: delete what its company no longer has");
  command.add_flag("--skip-invalid", request->skip_invalid, "keep what is valid; exit status 3");
  command.callback([&context, request] {
    conclude_writing(context, [&] { return import_requested(context, *request); });
  });
}

void add_export(CLI::App& app, Context& context) {
  auto request = std::make_shared<ExportRequest>();
  CLI::App& command =
      add_command(app, context.texts,
                  {.name = "export",
                   .summary = "Writes tables as files: NDJSON as import reads it, CSV, Parquet, or "
                              "one SQLite file.",
                   .example = "matricula export --company acme out/\n"
                              "matricula export --format parquet --flat --table program_progress "
                              "out/",
                   .shared = {.store = true, .json = true, .quiet = true}});
  command.add_option("DIR", request->directory, "a directory without such files")->required();
  command.add_option("--company", request->company, "one company's data alone: its id or its slug")
      ->type_name("ID");
  command
      .add_option("--format", request->format,
                  "ndjson, csv, parquet or sqlite; the view TABLE_flat of an SQLite file needs the "
                  "tables whose names and titles it shows")
      ->type_name("FORMAT")
      ->capture_default_str();
  command.add_flag("--flat", request->is_flat,
                   "progress with names and titles; import does not take it");
  command.add_option("--table", request->tables, "only this table")
      ->type_name("TABLE")
      ->allow_extra_args(false);
  command.callback([&context, request] {
    conclude_writing(context, [&] { return export_store(context, *request); });
  });
}

void add_copy(CLI::App& app, Context& context) {
  auto from = std::make_shared<std::string>();
  auto to = std::make_shared<std::string>();
  CLI::App& command =
      add_command(app, context.texts,
                  {.name = "copy",
                   .summary = "Copies a whole store into an empty one and compares checksums.",
                   .example = "matricula copy --from sqlite:matricula.db --to \"$OWNER\"\n"
                              "matricula copy --from sqlite:matricula.db --to sqlite:copy.db",
                   .shared = {.json = true, .quiet = true}});
  add_store_address(command, "--from", *from, "sqlite:FILE or postgresql://...").required();
  add_store_address(
      command, "--to", *to,
      "an empty store, or one that is not there yet; of PostgreSQL as the role that owns it")
      .required();
  command.callback([&context, from, to] {
    conclude_writing(context, [&] { return copy(context, *from, *to); });
  });
}

void add_generate(CLI::App& app, Context& context) {
  auto options = std::make_shared<exchange::GenerateOptions>();
  auto as_of = std::make_shared<std::string>();
  CLI::App& command =
      add_command(app, context.texts,
                  {.name = "generate",
                   .summary = "Writes synthetic, realistic NDJSON.",
                   .example = "matricula generate --out data --companies 3 --learners 10000",
                   .shared = {.json = true, .quiet = true}});
  command.add_option("--out", options->out, "a directory without NDJSON files")
      ->type_name("DIR")
      ->required();
  add_number(command, "--companies", options->companies, {1, 10'000}, "how many companies");
  add_number(command, "--learners", options->learners, {1, 100'000'000},
             "how many learners in all companies");
  add_number(command, "--seed", options->seed, {0, std::numeric_limits<std::uint64_t>::max()},
             "another seed gives other data");
  command
      .add_option("--as-of", *as_of,
                  "when the data was taken, as 2026-01-31T00:00:00Z; by default today")
      ->type_name("TIME");
  command.callback([&context, options, as_of] {
    conclude_writing(context, [&] { return generate(context, *options, *as_of); });
  });
}

}  // namespace

void add_exchange(CLI::App& app, Context& context) {
  add_import(app, context);
  add_export(app, context);
  add_copy(app, context);
  add_generate(app, context);
}

}  // namespace matricula::cli
