#include <CLI/CLI.hpp>

#include "cli/context.h"
#include "cli/settings.h"

int main(int count, char** arguments) {
  using namespace matricula;
  const SystemClock clock;
  cli::Context context{.clock = clock};
  CLI::App app("Enterprise learning data over GraphQL", "matricula");
  app.set_version_flag("--version", std::string("matricula ") + MATRICULA_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--store", context.store, "sqlite:FILE or postgresql://...")
      ->capture_default_str();
  app.add_option("--key-file", context.key_file, "pepper and signing key; default STORE-keys");
  app.add_flag("--json", context.json, "answer as JSON on standard output");
  app.add_flag("--quiet", context.quiet, "no progress");
  cli::add_serve(app, context);
  cli::add_exchange(app, context);
  cli::add_store(app, context);
  cli::add_access(app, context);
  cli::add_settings(app);
  try {
    app.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    // CLI11 answers help with 0 and every mistake with a code of its own; ours is 2.
    return app.exit(error) == 0 ? 0 : 2;
  }
  return context.status;
}
