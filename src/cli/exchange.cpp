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
#include "exchange/generate.h"
#include "exchange/output_file.h"
#include "exchange/sqlite_tables.h"
#include "records/entities.h"
#include "server/store.h"

namespace matricula::cli {
namespace {

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
  add_export(app, context);
  add_copy(app, context);
  add_generate(app, context);
}

}  // namespace matricula::cli
