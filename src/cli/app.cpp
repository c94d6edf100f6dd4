#include "cli/app.h"

#include <algorithm>
#include <new>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "cli/options.h"
#include "cli/settings.h"
#include "cli/usage.h"

namespace matricula::cli {
namespace {

void add_shared_options(CLI::App& app, Context& context) {
  add_store_address(app, "--store", context.store,
                    "where the data is: sqlite:FILE or postgresql://USER@HOST/DATABASE")
      .capture_default_str();
  app.add_option("--key-file", context.key_file,
                 "pepper and signing key; by default the store's path with -keys, of PostgreSQL a "
                 "file below $STATE_DIRECTORY, $XDG_STATE_HOME or ~/.local/state")
      ->type_name("FILE");
  app.add_flag("--json", context.json, "answer as JSON on standard output; a list is one array");
  app.add_flag("--ndjson", context.ndjson, "the same, but of a list one object a line");
  app.add_flag("--quiet", context.quiet, "no progress and no notes on standard error");
}

std::string version_text() {
  return std::string("matricula ") + MATRICULA_VERSION;
}

Result<int> print_help(Context& context, const CLI::App& app,
                       const std::vector<std::string>& names) {
  const CLI::App* command = &app;
  for (const std::string& name : names) {
    const auto commands =
        command->get_subcommands([&](const CLI::App* each) { return each->get_name() == name; });
    if (commands.empty()) {
      return fail(ErrorCode::kUsage, unknown_command(*command, name));
    }
    command = commands.front();
  }
  context.out.print(help_text(*command, context.texts));
  return 0;
}

void add_help(CLI::App& app, Context& context) {
  auto names = std::make_shared<std::vector<std::string>>();
  CLI::App& help = add_command(app, context.texts,
                               {.name = "help",
                                .summary = "Shows the commands, or the options of one.",
                                .example = "matricula help token create"});
  help.add_option("COMMAND", *names, "such as import, or token create")->type_name("NAME");
  help.callback([&context, &app, names] {
    conclude(context, [&] { return print_help(context, app, *names); });
  });
  CLI::App& version = add_command(app, context.texts,
                                  {.name = "version",
                                   .summary = "Prints the version.",
                                   .example = "matricula version",
                                   .shared = {.json = true}});
  version.callback([&context] {
    context.out.print(context.wants_json()
                          ? std::string("{\"version\":\"") + MATRICULA_VERSION + "\"}\n"
                          : version_text() + "\n");
  });
}

// What CLI11 throws for --help, --version and wrong usage; the exit status.
int conclude_parse(Context& context, const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_name() == "CallForVersion") {
    context.out.print(version_text() + "\n");
    return 0;
  }
  if (error.get_name() == "CallForHelp") {
    context.out.print(help_text(named_command(app), context.texts));
    return 0;
  }
  context.messages.print("matricula: " + wrong_usage(app, error, context.given));
  return 2;
}

int run_command(Context& context, int count, const char* const* arguments) {
  const auto app = make_app(context);
  context.given.arguments = {arguments, static_cast<std::size_t>(count)};
  auto read = read_arguments(*app, context.given.arguments);
  if (!read) {
    context.messages.print("matricula: " + read.error().message);
    return 2;
  }
  std::ranges::reverse(*read);  // as CLI11 takes them
  try {
    app->parse(std::move(*read));
  } catch (const CLI::ParseError& error) {
    context.status = conclude_parse(context, *app, error);
  }
  // Lost output is worse than rejected lines (status 3).
  if (const Result<void> written = context.out.flush();
      !written && (context.status == 0 || context.status == 3)) {
    context.messages.print("matricula: " + written.error().message);
    context.status = 1;
  }
  return context.status;
}

}  // namespace

std::unique_ptr<CLI::App> make_app(Context& context) {
  auto app = std::make_unique<CLI::App>("Enterprise learning data over GraphQL.", "matricula");
  app->set_help_flag("-h,--help", "show this");
  app->set_version_flag("--version", version_text(), "print the version");
  app->require_subcommand(1);
  app->fallthrough();
  add_shared_options(*app, context);
  add_serve(*app, context);
  add_import(*app, context);
  add_exchange(*app, context);
  add_store(*app, context);
  add_access(*app, context);
  add_help(*app, context);
  take_lists(*app);
  check_all_values(*app);
  add_settings(*app, context.given);
  return app;
}

int run(Context& context, int count, const char* const* arguments) {
  try {
    return run_command(context, count, arguments);
  } catch (const std::bad_alloc&) {
    context.messages.print("matricula: There is not enough memory.");
  } catch (const std::system_error& error) {
    // Thrown by the standard library alone: our own functions return a Result.
    const bool is_thread = error.code() == std::errc::resource_unavailable_try_again;
    context.messages.print(
        is_thread
            ? "matricula: No more threads can be made. Raise the limit (ulimit -u, TasksMax=)."
            : std::string("matricula: ") + error.what());
  }
  return 1;
}

}  // namespace matricula::cli
