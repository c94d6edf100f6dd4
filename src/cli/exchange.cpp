#include <fmt/format.h>

#include "base/escape.h"
#include "base/time_text.h"
#include "cli/context.h"
#include "cli/progress.h"
#include "exchange/copy.h"
#include "exchange/export.h"
#include "exchange/generate.h"
#include "exchange/import.h"
#include "server/store.h"

namespace matricula::cli {
namespace {

void print_import_json(const exchange::ImportReport& report) {
  std::string out = R"({"files":[)";
  for (std::size_t i = 0; i < report.files.size(); ++i) {
    const exchange::FileReport& file = report.files[i];
    out += fmt::format(
        R"({}{{"path":{},"records":{},"changed":{},"unchanged":{},"deleted":{},"rejected":{},"kept":{}}})",
        i == 0 ? "" : ",", json_string(file.path), file.records, file.changed, file.unchanged,
        file.deleted, file.rejected, file.is_kept);
  }
  fmt::print("{}],\"rejected\":{},\"complete\":{}}}\n", out, report.rejected(),
             report.is_complete());
}

Result<int> import(Context& context, const std::vector<std::string>& paths, bool skip_invalid) {
  MATRICULA_TRY(const auto database, server::open_store(context.store, {}, context.clock));
  Progress progress(context.quiet);
  exchange::ImportOptions options{.skip_invalid = skip_invalid};
  options.on_progress = [&](const exchange::ImportProgress& at) {
    progress.report(at.path, at.records, at.bytes_read, at.bytes_total, at.is_done);
  };
  MATRICULA_TRY(const exchange::ImportReport report,
                exchange::import_paths(*database, paths, options, context.clock));
  for (const exchange::FileReport& file : report.files) {
    for (const std::string& reason : file.reasons) {
      fmt::print(stderr, "{}\n", reason);
    }
    if (file.rejected > file.reasons.size()) {
      fmt::print(stderr, "{}: {} further bad lines\n", file.path,
                 file.rejected - file.reasons.size());
    }
    if (!file.is_kept) {
      fmt::print(stderr,
                 "{}: nothing of it was kept; mend the lines above, or give --skip-invalid\n",
                 file.path);
    }
  }
  for (const std::string& path : report.not_begun) {
    fmt::print(stderr, "{}: not begun\n", path);
  }
  if (context.json) {
    print_import_json(report);
  }
  return !report.is_complete() ? 1 : report.rejected() > 0 ? 3 : 0;
}

Result<int> export_store(Context& context, const std::string& directory,
                         const std::string& company) {
  MATRICULA_TRY(const auto database,
                server::open_store(context.store, {.create = false}, context.clock));
  exchange::ExportOptions options;
  if (!company.empty()) {
    options.company = company;
  }
  MATRICULA_TRY(const auto files, exchange::export_records(*database, directory, options));
  for (const exchange::ExportedFile& file : files) {
    if (context.json) {
      fmt::print("{{\"path\":{},\"records\":{}}}\n", json_string(file.path), file.records);
    } else if (!context.quiet) {
      fmt::print(stderr, "{}: {} rows\n", file.path, file.records);
    }
  }
  return 0;
}

Result<int> copy(Context& context, const std::string& from, const std::string& to) {
  MATRICULA_TRY(const auto source,
                server::open_store(from, {.create = false, .migrate = false}, context.clock));
  MATRICULA_TRY(const auto target, server::open_store(to, {}, context.clock));
  Progress progress(context.quiet);
  exchange::CopyOptions options;
  options.on_progress = [&](const std::string& table, std::uint64_t rows) {
    progress.report(table, rows, 0, 0, false);
  };
  MATRICULA_TRY(const auto tables, exchange::copy_store(*source, *target, options));
  for (const exchange::CopiedTable& table : tables) {
    if (context.json) {
      fmt::print("{{\"table\":{},\"rows\":{},\"checksum\":\"{}\"}}\n", json_string(table.name),
                 table.rows, table.checksum);
    } else if (!context.quiet) {
      fmt::print(stderr, "{}: {} rows, checksum {} in both\n", table.name, table.rows,
                 table.checksum);
    }
  }
  if (!context.quiet) {
    fmt::print(stderr, "copied; the key file is not part of it, give the new servers the same\n");
  }
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
  options.on_file = [&](const std::string& file, std::uint64_t rows) {
    if (context.json) {
      fmt::print("{{\"path\":{},\"records\":{}}}\n", json_string(options.out + "/" + file), rows);
    } else if (!context.quiet) {
      fmt::print(stderr, "{}/{}: {} rows\n", options.out, file, rows);
    }
  };
  MATRICULA_CHECK(exchange::generate(options, context.clock));
  return 0;
}

}  // namespace

void add_exchange(CLI::App& app, Context& context) {
  {
    auto paths = std::make_shared<std::vector<std::string>>();
    auto skip_invalid = std::make_shared<bool>(false);
    CLI::App& command = *app.add_subcommand("import", "read NDJSON files and directories");
    command.add_option("PATH", *paths, "files or directories")->required();
    command.add_flag("--skip-invalid", *skip_invalid, "keep what is valid; exit status 3");
    command.callback([&context, paths, skip_invalid] {
      conclude(context, [&] { return import(context, *paths, *skip_invalid); });
    });
  }
  {
    auto directory = std::make_shared<std::string>();
    auto company = std::make_shared<std::string>();
    CLI::App& command = *app.add_subcommand("export", "write what import reads");
    command.add_option("DIR", *directory, "a directory without import files")->required();
    command.add_option("--company", *company, "one company's data alone");
    command.callback([&context, directory, company] {
      conclude(context, [&] { return export_store(context, *directory, *company); });
    });
  }
  {
    auto from = std::make_shared<std::string>();
    auto to = std::make_shared<std::string>();
    CLI::App& command = *app.add_subcommand("copy", "copy a whole store into an empty one");
    command.add_option("--from", *from, "sqlite:FILE or postgresql://...")->required();
    command.add_option("--to", *to, "postgresql://..., as the role that owns it")->required();
    command.callback(
        [&context, from, to] { conclude(context, [&] { return copy(context, *from, *to); }); });
  }
  {
    auto options = std::make_shared<exchange::GenerateOptions>();
    auto as_of = std::make_shared<std::string>();
    CLI::App& command = *app.add_subcommand("generate", "write synthetic NDJSON");
    command.add_option("--out", options->out, "an empty directory")->required();
    command.add_option("--companies", options->companies, "how many")
        ->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    command.add_option("--learners", options->learners, "in all companies")
        ->check(CLI::Range(1, 100'000'000))
        ->capture_default_str();
    command.add_option("--seed", options->seed, "another seed, other data")->capture_default_str();
    command.add_option("--as-of", *as_of,
                       "when the data was taken, as 2026-01-31T00:00:00Z; today by default");
    command.callback([&context, options, as_of] {
      conclude(context, [&] { return generate(context, *options, *as_of); });
    });
  }
}

}  // namespace matricula::cli
