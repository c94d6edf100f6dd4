#include <fmt/format.h>
#include <unistd.h>

#include "cli/access.h"
#include "cli/access_text.h"
#include "cli/ids.h"
#include "cli/list_output.h"
#include "cli/options.h"
#include "cli/password.h"

namespace matricula::cli {
namespace {

// From standard input, or asked for twice on a terminal.
Result<std::string> new_password(Context& context, const Options& options) {
  if (options.password_stdin) {
    return read_password(context.messages, STDIN_FILENO, "Password: ");
  }
  if (::isatty(STDIN_FILENO) != 1) {
    return fail(ErrorCode::kUsage,
                "give --password-stdin and the password on standard input, or run this on a "
                "terminal, which asks for it");
  }
  MATRICULA_TRY(std::string password, read_password(context.messages, STDIN_FILENO, "Password: "));
  MATRICULA_TRY(const std::string again,
                read_password(context.messages, STDIN_FILENO, "The same once more: "));
  if (password != again) {
    return fail(ErrorCode::kUsage, "the two passwords differ; nothing was changed");
  }
  return password;
}

// What a person cannot be named by is a mistake of the command line.
Result<void> as_usage(Result<void> checked) {
  if (!checked && checked.error().code == ErrorCode::kBadUserInput) {
    checked.error().code = ErrorCode::kUsage;
  }
  return checked;
}

Result<int> user_add(Context& context, const Options& options, Access& access) {
  auth::AddUser input{.email = options.email,
                      .first_name = options.first_name,
                      .last_name = options.last_name,
                      .is_staff = options.staff};
  {
    // Before a password is asked for in vain.
    MATRICULA_TRY(const auto reader, access.database.open_reader());
    MATRICULA_TRY(input.admin_of, company_ids(*reader, options.admin_of));
    MATRICULA_CHECK(as_usage(access.users.check_new(*reader, input)));
  }
  MATRICULA_TRY(input.password, new_password(context, options));
  MATRICULA_TRY(const auth::User user, access.users.add(input, access.caller()));
  say(context, user_text(user), fmt::format("added {} ({})", user.email, user.id));
  return 0;
}

Result<int> user_set_password(Context& context, const Options& options, Access& access) {
  {
    MATRICULA_TRY(const auto reader, access.database.open_reader());
    MATRICULA_CHECK(access.users.check_exists(*reader, options.email));
  }
  MATRICULA_TRY(const std::string password, new_password(context, options));
  MATRICULA_CHECK(access.users.set_password(options.email, password, access.caller()));
  say(context, "{}", fmt::format("{}: the password is set, sessions are ended", options.email));
  return 0;
}

Result<int> user_set_roles(Context& context, const Options& options, Access& access) {
  std::vector<std::string> companies;
  {
    MATRICULA_TRY(const auto reader, access.database.open_reader());
    MATRICULA_TRY(companies, company_ids(*reader, options.admin_of));
  }
  MATRICULA_TRY(const auth::User user,
                access.users.set_roles(options.email, options.staff, companies, access.caller()));
  say(context, user_text(user), fmt::format("{}: the roles are set", user.email));
  return 0;
}

Result<int> user_remove(Context& context, const Options& options, Access& access) {
  MATRICULA_CHECK(access.users.remove(options.email, access.caller()));
  say(context, "{}", fmt::format("{}: password, roles and sessions are gone", options.email));
  return 0;
}

Result<int> user_list(Context& context, const Options&, Access& access) {
  MATRICULA_TRY(const auto reader, access.database.open_reader());
  MATRICULA_TRY(const auto users, access.users.list(*reader));
  print_list(context, users, user_text);
  return 0;
}

}  // namespace

void add_users(CLI::App& app, Commands& commands) {
  Options& options = commands.options();
  CLI::App& user = commands.group(
      app, {.name = "user", .summary = "People who can log in.", .example = "matricula user list"});
  CLI::App& add = commands.add(
      user,
      {.name = "add",
       .summary = "Adds a person. On a terminal the password is asked for.",
       .example = "matricula user add --email ada@example.com --first-name Ada --admin-of acme"},
      user_add, {.missing_store = MissingStore::kMake});
  free_text(*add.add_option("--first-name", options.first_name, "the person's first name"));
  free_text(*add.add_option("--last-name", options.last_name, "the person's last name"));
  CLI::App& password =
      commands.add(user,
                   {.name = "set-password",
                    .summary = "Sets a new password and ends the person's sessions.",
                    .example = "matricula user set-password --email ada@example.com "
                               "--password-stdin < password.txt"},
                   user_set_password);
  CLI::App& roles = commands.add(
      user,
      {.name = "set-roles",
       .summary = "Sets what a person may do, in place of the roles before.",
       .example = "matricula user set-roles --email ada@example.com --admin-of acme --staff"},
      user_set_roles);
  CLI::App& remove = commands.add(user,
                                  {.name = "remove",
                                   .summary = "Removes a person's password, roles and sessions.",
                                   .example = "matricula user remove --email ada@example.com"},
                                  user_remove);
  commands.add(user,
               {.name = "list",
                .summary = "Lists the people with a password or a role, by e-mail address.",
                .example = "matricula user list --json"},
               user_list);
  for (CLI::App* each : {&add, &password, &roles, &remove}) {
    each->add_option("--email", options.email, "the person's e-mail address")
        ->type_name("ADDRESS")
        ->required();
  }
  for (CLI::App* each : {&add, &password}) {
    each->add_flag("--password-stdin", options.password_stdin,
                   "read the password from standard input; it ends at the last line feed");
  }
  for (CLI::App* each : {&add, &roles}) {
    each->add_flag("--staff", options.staff, "works for the platform: sees every company");
    each->add_option("--admin-of", options.admin_of,
                     "a company that the person administers: its id or its slug")
        ->type_name("ID");
  }
}

}  // namespace matricula::cli
