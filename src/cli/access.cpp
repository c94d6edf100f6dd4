#include "cli/access.h"

#include <fmt/format.h>

#include "auth/secrets/key_file.h"
#include "server/store.h"

namespace matricula::cli {

Result<std::unique_ptr<Access>> Access::open(const Context& context) {
  MATRICULA_TRY(auto database, server::open_store(context.store, {}, context.clock));
  MATRICULA_TRY(auth::Secrets secrets,
                auth::open_secrets(*database, server::shown_store(context.store),
                                   server::key_file_of(context.store, context.key_file)));
  return std::unique_ptr<Access>(
      new Access(std::move(database), std::move(secrets), context.clock));
}

Access::Access(std::unique_ptr<storage::Database> store, auth::Secrets secrets, const Clock& clock)
    : database_(std::move(store)),
      secrets_(std::move(secrets)),
      refusals_(clock),
      tokens(*database_, secrets_, refusals_, clock),
      credentials(*database_, secrets_, refusals_, clock),
      users(*database_, hasher_, refusals_, clock),
      database(*database_) {}

CLI::App& Commands::add(CLI::App& parent, const std::string& name, const std::string& help,
                        Command command) {
  CLI::App& app = *parent.add_subcommand(name, help);
  app.callback([&context = context_, options = options_, command] {
    conclude(context, [&]() -> Result<int> {
      MATRICULA_TRY(const auto access, Access::open(context));
      Result<int> done = command(context, *options, *access);
      const Result<void> kept = access->keep_refusals();
      return done && !kept ? Result<int>(fail(kept.error())) : done;
    });
  });
  return app;
}

CLI::App& Commands::group(CLI::App& app, const std::string& name, const std::string& help) {
  CLI::App& made = *app.add_subcommand(name, help);
  made.require_subcommand(1);
  made.fallthrough();
  return made;
}

void say(const Context& context, const std::string& json, const std::string& text) {
  if (context.json) {
    fmt::print("{}\n", json);
  } else {
    fmt::print(stderr, "{}\n", text);
  }
}

std::optional<std::string_view> company_of(const Options& options) {
  return options.company.empty() ? std::nullopt : std::optional<std::string_view>(options.company);
}

void add_access(CLI::App& app, Context& context) {
  Commands commands(context);
  add_users(app, commands);
  add_keys(app, commands);
  add_trail(app, commands);
}

}  // namespace matricula::cli
