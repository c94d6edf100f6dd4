#include "server/store.h"

#include <fmt/format.h>

#include "auth/access/find_access_problems.h"
#include "base/escape.h"
#include "base/join.h"
#include "cli/context.h"
#include "cli/usage.h"
#include "domains/domains.h"
#include "exchange/find_invalid_records.h"
#include "graphql/schema/coordinate.h"
#include "graphql/schema/schema_printer.h"
#include "json/writer.h"
#include "migrations/migrations.h"
#include "readmodel/find_differences.h"
#include "records/change_upkeep.h"
#include "records/find_problems.h"
#include "storage/restore.h"
#include "storage/snapshot.h"

namespace matricula::cli {
namespace {

// The definition of the element that a schema coordinate names.
Result<int> print_element(Context& context, const domains::Domain& domain,
                          const std::string& text) {
  const auto coordinate = graphql::parse_coordinate(text);
  if (!coordinate) {
    return fail(ErrorCode::kUsage,
                fmt::format("{}: {} A coordinate is written like Query, Query.field, "
                            "Query.field(argument:), @directive or @directive(argument:).",
                            text, coordinate.error().message));
  }
  MATRICULA_TRY(const auto schema, graphql::Schema::from_sdl(domain.sdl));
  const auto element = graphql::resolve_coordinate(*schema, *coordinate);
  if (!element) {
    return fail(ErrorCode::kNotFound, fmt::format("{}: {}", text, element.error().message));
  }
  if (!*element) {
    return fail(ErrorCode::kNotFound,
                fmt::format("There is no {} in the schema of {}.", text, domain.name));
  }
  context.out.print(graphql::print_element(**element) + "\n");
  return 0;
}

Result<int> print_schema(Context& context, const std::string& name, const std::string& coordinate) {
  for (const domains::Domain& domain : domains::all_domains()) {
    if (domain.name == name) {
      if (!coordinate.empty()) {
        return print_element(context, domain, coordinate);
      }
      context.out.print(domain.sdl);
      return 0;
    }
  }
  std::vector<std::string> names;
  for (const domains::Domain& domain : domains::all_domains()) {
    names.emplace_back(domain.name);
  }
  return fail(ErrorCode::kUsage, fmt::format("schema {}: no such domain; there are {}.{}", name,
                                             joined(names), nearest(name, names)));
}

// Compares the read model's lists of all endpoints with the tables.
Result<void> find_differences(storage::Session& session, std::vector<std::string>& problems) {
  for (const domains::Domain& domain : domains::all_domains()) {
    const domains::Definition definition = domain.define();
    for (const auto& root : definition.mapping.roots) {
      if (const auto* connection = std::get_if<planning::ConnectionRoot>(&root)) {
        MATRICULA_TRY(const std::vector<std::string> found,
                      readmodel::find_differences(session, connection->relation));
        problems.insert(problems.end(), found.begin(), found.end());
      }
    }
  }
  return {};
}

// Damage of the store itself first: the records of a damaged store cannot be checked.
Result<std::vector<std::string>> find_problems(storage::Database& database, bool read_model) {
  MATRICULA_TRY(std::vector<std::string> problems, database.check());
  if (!problems.empty()) {
    return problems;
  }
  MATRICULA_CHECK(database.require_all_companies());
  MATRICULA_TRY(const auto session, database.open_reader());
  MATRICULA_TRY(const storage::SnapshotHandle snapshot, storage::begin_long_snapshot(*session));
  // What the next one reads must be there, and readable.
  for (const auto look : {records::find_schema_problems, exchange::find_invalid_records}) {
    MATRICULA_TRY(problems, look(*session));
    if (!problems.empty()) {
      return problems;
    }
  }
  for (const auto look : {records::find_problems, auth::find_access_problems}) {
    MATRICULA_TRY(const std::vector<std::string> found, look(*session));
    problems.insert(problems.end(), found.begin(), found.end());
  }
  if (read_model) {
    MATRICULA_CHECK(find_differences(*session, problems));
  }
  return problems;
}

// The number of the last step of the schema, which a store that can be opened has.
int schema_version() {
  return migrations::all().back().number;
}

std::string schema_text() {
  return fmt::format("schema {} (current)", schema_version());
}

Result<int> check(Context& context, bool read_model) {
  MATRICULA_TRY(
      const auto database,
      server::open_store(context.store, {.create = false, .migrate = false}, context.clock));
  MATRICULA_TRY(const std::vector<std::string> problems, find_problems(*database, read_model));
  if (context.wants_json()) {
    std::string list;
    for (const std::string& problem : problems) {
      list += list.empty() ? "" : ",";
      json::append_string(list, problem);
    }
    context.out.print(fmt::format("{{\"ok\":{},\"schemaVersion\":{},\"problems\":[{}]}}\n",
                                  problems.empty(), schema_version(), list));
  } else {
    for (const std::string& problem : problems) {
      context.messages.print(fmt::format("{}", problem));
    }
    context.messages.print(
        fmt::format("{}: {}", server::shown_store(context.store),
                    problems.empty() ? schema_text() + ", in good order"
                                     : "damaged; mend what the lines above name, or restore a "
                                       "backup"));
  }
  return problems.empty() ? 0 : 1;
}

Result<void> renew_epoch(storage::Database& database) {
  return database.write(records::renew_epoch);
}

Result<int> migrate(Context& context, const std::string& app_role, bool new_epoch) {
  MATRICULA_TRY(const auto database,
                server::open_store(context.store, {.app_role = app_role}, context.clock));
  MATRICULA_CHECK(database->migrate());
  if (new_epoch) {
    MATRICULA_CHECK(renew_epoch(*database));
  }
  if (context.wants_json()) {
    context.out.print(fmt::format("{{\"store\":{},\"schemaVersion\":{}}}\n",
                                  json_string(server::shown_store(context.store)),
                                  schema_version()));
  } else if (!context.quiet) {
    context.messages.print(
        fmt::format("{}: {}", server::shown_store(context.store), schema_text()));
  }
  return 0;
}

void name_unfinished(Context& context, const std::string& file) {
  for (const std::string& path : storage::unfinished_copies(file)) {
    context.messages.print(fmt::format(
        "{}: not finished; remove it unless a backup or restore is making it now", path));
  }
}

Result<int> backup(Context& context, const std::string& file) {
  name_unfinished(context, file);
  MATRICULA_TRY(
      const auto database,
      server::open_store(context.store, {.create = false, .migrate = false}, context.clock));
  MATRICULA_CHECK(database->backup(file));
  if (context.wants_json()) {
    context.out.print(fmt::format("{{\"path\":{}}}\n", json_string(file)));
  } else if (!context.quiet) {
    context.messages.print(
        fmt::format("{}: written; the key file is not part of it, keep a copy elsewhere", file));
  }
  return 0;
}

// A store that lacks a table or a trigger is none, though SQLite finds no damage. The change
// numbers of the restored store are not those that followers have read.
Result<void> prepare_restored(storage::Database& database) {
  {
    MATRICULA_TRY(const auto session, database.open_reader());
    MATRICULA_TRY(const std::vector<std::string> problems, records::find_schema_problems(*session));
    if (!problems.empty()) {
      return fail(ErrorCode::kCorrupt, fmt::format("{}.", problems.front()));
    }
  }
  return renew_epoch(database);
}

Result<int> restore(Context& context, const std::string& file) {
  MATRICULA_TRY(const std::string url, server::store_address(context.store));
  MATRICULA_CHECK(storage::restore_store(url, file, {.migrations = migrations::all()},
                                         context.clock, prepare_restored));
  if (context.wants_json()) {
    context.out.print(
        fmt::format("{{\"store\":{}}}\n", json_string(server::shown_store(context.store))));
  } else if (!context.quiet) {
    context.messages.print(fmt::format("{}: restored from {}; followers of changes begin anew",
                                       server::shown_store(context.store), file));
  }
  return 0;
}

void add_schema(CLI::App& app, Context& context) {
  auto domain = std::make_shared<std::string>();
  auto coordinate = std::make_shared<std::string>();
  CLI::App& command = add_command(app, context.texts,
                                  {.name = "schema",
                                   .summary = "Prints an endpoint's GraphQL schema.",
                                   .example = "matricula schema program-progress\n"
                                              "matricula schema catalog Query.catalog"});
  command.add_option("DOMAIN", *domain, "the endpoint, such as catalog")->required();
  command.add_option("COORDINATE", *coordinate, "one element of it alone, such as Query.catalog");
  command.callback([&context, domain, coordinate] {
    conclude(context, [&] { return print_schema(context, *domain, *coordinate); });
  });
}

void add_check(CLI::App& app, Context& context) {
  auto read_model = std::make_shared<bool>(false);
  CLI::App& command = add_command(app, context.texts,
                                  {.name = "check",
                                   .summary = "Checks the store's integrity and version.",
                                   .example = "matricula check --store sqlite:matricula.db",
                                   .shared = {.store = true, .json = true}});
  command.add_flag("--read-model", *read_model,
                   "also load each company's lists into memory, and compare them with the tables");
  command.callback(
      [&context, read_model] { conclude(context, [&] { return check(context, *read_model); }); });
}

void add_migrate(CLI::App& app, Context& context) {
  auto role = std::make_shared<std::string>();
  auto new_epoch = std::make_shared<bool>(false);
  CLI::App& command = add_command(
      app, context.texts,
      {.name = "migrate",
       .summary = "Brings the store's schema up to date; makes a store that is missing.",
       .example = "matricula migrate --store \"$OWNER\" --app-role matricula_app",
       .shared = {.store = true, .json = true, .quiet = true}});
  command
      .add_option("--app-role", *role,
                  "PostgreSQL: the role of the servers, which is allowed to work on the store")
      ->type_name("NAME");
  command.add_flag("--new-epoch", *new_epoch,
                   "have followers of changes begin anew: after the database went back in time");
  command.callback([&context, role, new_epoch] {
    conclude_writing(context, [&] { return migrate(context, *role, *new_epoch); });
  });
}

void add_backup(CLI::App& app, Context& context) {
  auto file = std::make_shared<std::string>();
  CLI::App& command = add_command(app, context.texts,
                                  {.name = "backup",
                                   .summary = "Writes a consistent copy while servers run.",
                                   .example = "matricula backup /backups/matricula-2026-03-01.db",
                                   .shared = {.store = true, .json = true, .quiet = true}});
  command.add_option("FILE", *file, "the copy; must not exist")->required();
  command.callback(
      [&context, file] { conclude_writing(context, [&] { return backup(context, *file); }); });
}

void add_restore(CLI::App& app, Context& context) {
  auto file = std::make_shared<std::string>();
  CLI::App& command =
      add_command(app, context.texts,
                  {.name = "restore",
                   .summary = "Puts a backup in the store's place, which no program may have open.",
                   .example = "matricula restore /backups/matricula-2026-03-01.db",
                   .shared = {.store = true, .json = true, .quiet = true}});
  command.add_option("FILE", *file, "what `matricula backup` wrote")->required();
  command.callback(
      [&context, file] { conclude_writing(context, [&] { return restore(context, *file); }); });
}

}  // namespace

void add_store(CLI::App& app, Context& context) {
  add_schema(app, context);
  add_check(app, context);
  add_migrate(app, context);
  add_backup(app, context);
  add_restore(app, context);
}

}  // namespace matricula::cli
