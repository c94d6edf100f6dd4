#include "cli/access.h"

#include <fmt/format.h>

#include "auth/secrets/key_file.h"
#include "cli/ids.h"
#include "server/key_places.h"
#include "server/store.h"

namespace matricula::cli {

Result<std::unique_ptr<Access>> Access::open(const Context& context, bool create) {
  MATRICULA_TRY(auto database,
                server::open_store(context.store, {.create = create, .takes_empty_file = false},
                                   context.clock));
  MATRICULA_TRY(auth::Secrets secrets,
                auth::open_secrets(*database, server::shown_store(context.store),
                                   server::key_places_of(context.store, context.key_file)));
  MATRICULA_TRY(auto clock, auth::AccessClock::open(*database, context.clock));
  return std::unique_ptr<Access>(
      new Access(std::move(database), std::move(secrets), std::move(clock)));
}

Access::Access(std::unique_ptr<storage::Database> store, auth::Secrets secrets,
               std::unique_ptr<auth::AccessClock> access_clock)
    : database_(std::move(store)),
      secrets_(std::move(secrets)),
      clock_(std::move(access_clock)),
      refusals_(*clock_),
      tokens(*database_, secrets_, refusals_, *clock_),
      credentials(*database_, secrets_, refusals_, *clock_),
      users(*database_, hasher_, refusals_, *clock_),
      database(*database_),
      clock(*clock_) {}

CLI::App& Commands::add(CLI::App& parent, CommandText text, Command command,
                        Beforehand beforehand) {
  text.shared = {.store = true, .keys = true, .json = true};
  CLI::App& app = add_command(parent, context_.texts, std::move(text));
  app.callback([&context = context_, options = options_, command, beforehand, &app] {
    if (!app.get_subcommands().empty()) {
      return;  // the command's own command ran
    }
    conclude_writing(context, [&]() -> Result<int> {
      if (beforehand.check != nullptr) {
        MATRICULA_CHECK(beforehand.check(context, *options));
      }
      MATRICULA_TRY(const auto access,
                    Access::open(context, beforehand.missing_store == MissingStore::kMake));
      Result<int> done = command(context, *options, *access);
      const Result<void> kept = access->keep_refusals();
      return done && !kept ? Result<int>(fail(kept.error())) : done;
    });
  });
  return app;
}

CLI::App& Commands::group(CLI::App& app, CommandText text) {
  CLI::App& made = add_command(app, context_.texts, std::move(text));
  made.require_subcommand(1);
  made.fallthrough();
  return made;
}

void say(Context& context, const std::string& json, const std::string& text) {
  if (context.wants_json()) {
    context.out.print(json + '\n');
  } else {
    context.messages.print(text);
  }
}

Result<int> show_once(Context& context, const ShownOnce& shown,
                      const std::function<Result<void>()>& undo) {
  Result<void> written;
  if (context.wants_json()) {
    context.out.print(shown.json + '\n');
    written = context.out.flush();
  } else {
    written = context.messages.write(shown.text + '\n');
  }
  if (written) {
    return 0;
  }
  const Result<void> undone = undo();
  return fail(ErrorCode::kIo,
              fmt::format("{} was made and could not be shown ({}); {}", shown.what,
                          written.error().message,
                          undone ? "it is revoked" : "revoke it: " + undone.error().message));
}

Result<std::optional<std::string>> company_of(storage::Session& session, const Options& options) {
  if (options.company.empty()) {
    return std::optional<std::string>();
  }
  MATRICULA_TRY(std::string id, company_id(session, options.company));
  return std::optional(std::move(id));
}

void add_access(CLI::App& app, Context& context) {
  Commands commands(context);
  add_users(app, commands);
  add_keys(app, commands);
  add_trail(app, commands);
}

}  // namespace matricula::cli
