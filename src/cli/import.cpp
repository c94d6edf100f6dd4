#include "exchange/import.h"

#include <fmt/format.h>

#include "base/escape.h"
#include "base/join.h"
#include "base/text.h"
#include "cli/context.h"
#include "cli/ids.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "exchange/feed_import.h"
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

}  // namespace

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

}  // namespace matricula::cli
