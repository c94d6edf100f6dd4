#include <fmt/format.h>
#include <limits>

#include "base/escape.h"
#include "base/time_text.h"
#include "cli/context.h"
#include "cli/ids.h"
#include "cli/list_output.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "exchange/copy.h"
#include "exchange/export.h"
#include "exchange/generate.h"
#include "exchange/import.h"
#include "exchange/import_files.h"
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

Result<int> import(Context& context, const std::vector<std::string>& paths, bool skip_invalid) {
  // Paths that name nothing are refused before a store is made for them.
  MATRICULA_TRY([[maybe_unused]] const auto files, exchange::find_import_files(paths));
  MATRICULA_TRY(const auto database, server::open_store(context.store, {}, context.clock));
  Progress progress(context.messages, context.quiet);
  exchange::ImportOptions options{.skip_invalid = skip_invalid};
  options.on_progress = [&](const exchange::ImportProgress& at) {
    progress.report(at.path, at.records, at.bytes_read, at.bytes_total, at.is_done);
  };
  MATRICULA_TRY(const exchange::ImportReport report,
                exchange::import_paths(*database, paths, options, context.clock));
  for (const exchange::FileReport& file : report.files) {
    for (const std::string& reason : file.reasons) {
      context.messages.print(reason);
    }
    if (file.rejected > file.reasons.size()) {
      context.messages.print(
          fmt::format("{}: {} further bad lines", file.path, file.rejected - file.reasons.size()));
    }
    if (!file.is_kept) {
      context.messages.print(fmt::format(
          "{}: nothing of it was kept; mend the lines above, or give --skip-invalid", file.path));
    }
  }
  for (const std::string& path : report.not_begun) {
    context.messages.print(fmt::format("{}: not begun", path));
  }
  if (context.wants_json()) {
    print_import_json(context, report);
  }
  return !report.is_complete() ? 1 : report.rejected() > 0 ? 3 : 0;
}

// What is in a file that was written.
std::string file_text(const std::string& path, std::uint64_t records) {
  return fmt::format("{{\"path\":{},\"records\":{}}}", json_string(path), records);
}

Result<int> export_store(Context& context, const std::string& directory,
                         const std::string& company) {
  MATRICULA_TRY(const auto database,
                server::open_store(context.store, {.create = false}, context.clock));
  exchange::ExportOptions options;
  if (!company.empty()) {
    MATRICULA_TRY(const auto reader, database->open_reader());
    MATRICULA_TRY(options.company, company_id(*reader, company));
  }
  Progress progress(context.messages, context.quiet);
  options.on_progress = [&](const exchange::ExportProgress& at) {
    progress.report(at.path, at.records, 0, 0, at.is_done);
  };
  MATRICULA_TRY(const auto files, exchange::export_records(*database, directory, options));
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

void add_import(CLI::App& app, Context& context) {
  auto paths = std::make_shared<std::vector<std::string>>();
  auto skip_invalid = std::make_shared<bool>(false);
  CLI::App& command = add_command(app, context.texts,
                                  {.name = "import",
                                   .summary = "Reads NDJSON files and directories into the store.",
                                   .example = "matricula import data/\n"
                                              "matricula import --skip-invalid users.ndjson.gz",
                                   .shared = {.store = true, .json = true, .quiet = true}});
  command.add_option("PATH", *paths, "a file or a directory")->required();
  command.add_flag("--skip-invalid", *skip_invalid, "keep what is valid; exit status 3");
  command.callback([&context, paths, skip_invalid] {
    conclude(context, [&] { return import(context, *paths, *skip_invalid); });
  });
}

void add_export(CLI::App& app, Context& context) {
  auto directory = std::make_shared<std::string>();
  auto company = std::make_shared<std::string>();
  CLI::App& command = add_command(app, context.texts,
                                  {.name = "export",
                                   .summary = "Writes NDJSON files as import reads them.",
                                   .example = "matricula export --company acme out/",
                                   .shared = {.store = true, .json = true, .quiet = true}});
  command.add_option("DIR", *directory, "a directory without import files")->required();
  command.add_option("--company", *company, "one company's data alone: its id or its slug")
      ->type_name("ID");
  command.callback([&context, directory, company] {
    conclude(context, [&] { return export_store(context, *directory, *company); });
  });
}

void add_copy(CLI::App& app, Context& context) {
  auto from = std::make_shared<std::string>();
  auto to = std::make_shared<std::string>();
  CLI::App& command =
      add_command(app, context.texts,
                  {.name = "copy",
                   .summary = "Copies a whole store into an empty one and compares checksums.",
                   .example = "matricula copy --from sqlite:matricula.db --to \"$OWNER\"",
                   .shared = {.json = true, .quiet = true}});
  add_store_address(command, "--from", *from, "sqlite:FILE or postgresql://...").required();
  add_store_address(command, "--to", *to, "postgresql://..., as the role that owns it").required();
  command.callback(
      [&context, from, to] { conclude(context, [&] { return copy(context, *from, *to); }); });
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
  command.add_option("--out", options->out, "an empty directory")->type_name("DIR")->required();
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
    conclude(context, [&] { return generate(context, *options, *as_of); });
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
