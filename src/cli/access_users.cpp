#include <fmt/format.h>
#include <iostream>
#include <iterator>

#include "cli/access.h"
#include "cli/access_text.h"

namespace matricula::cli {
namespace {

// The password on standard input ends at the last newline.
std::string read_password() {
  std::string text(std::istreambuf_iterator<char>(std::cin), {});
  if (text.ends_with('\n')) {
    text.pop_back();
  }
  if (text.ends_with('\r')) {
    text.pop_back();
  }
  return text;
}

Result<std::string> required_password(const Options& options) {
  if (!options.password_stdin) {
    return fail(ErrorCode::kUsage, "give --password-stdin and the password on standard input");
  }
  return read_password();
}

Result<int> user_add(Context& context, const Options& options, Access& access) {
  MATRICULA_TRY(const std::string password, required_password(options));
  MATRICULA_TRY(const auth::User user, access.users.add({.email = options.email,
                                                         .first_name = options.first_name,
                                                         .last_name = options.last_name,
                                                         .is_staff = options.staff,
                                                         .admin_of = options.admin_of,
                                                         .password = password},
                                                        access.caller()));
  say(context, user_text(user), fmt::format("added {} ({})", user.email, user.id));
  return 0;
}

Result<int> user_set_password(Context& context, const Options& options, Access& access) {
  MATRICULA_TRY(const std::string password, required_password(options));
  MATRICULA_CHECK(access.users.set_password(options.email, password, access.caller()));
  say(context, "{}", fmt::format("{}: the password is set, sessions are ended", options.email));
  return 0;
}

Result<int> user_set_roles(Context& context, const Options& options, Access& access) {
  MATRICULA_TRY(const auth::User user, access.users.set_roles(options.email, options.staff,
                                                              options.admin_of, access.caller()));
  say(context, user_text(user), fmt::format("{}: the roles are set", user.email));
  return 0;
}

Result<int> user_remove(Context& context, const Options& options, Access& access) {
  MATRICULA_CHECK(access.users.remove(options.email, access.caller()));
  say(context, "{}", fmt::format("{}: password, roles and sessions are gone", options.email));
  return 0;
}

Result<int> user_list(Context&, const Options&, Access& access) {
  MATRICULA_TRY(const auto reader, access.database.open_reader());
  MATRICULA_TRY(const auto users, access.users.list(*reader));
  print_lines(users, user_text);
  return 0;
}

}  // namespace

void add_users(CLI::App& app, Commands& commands) {
  Options& options = commands.options();
  CLI::App& user = Commands::group(app, "user", "people who can log in");
  CLI::App& add = commands.add(user, "add", "a person with a password", user_add);
  add.add_option("--first-name", options.first_name);
  add.add_option("--last-name", options.last_name);
  CLI::App& password = commands.add(user, "set-password", "a new password", user_set_password);
  CLI::App& roles = commands.add(user, "set-roles", "in place of the roles before", user_set_roles);
  CLI::App& remove = commands.add(user, "remove", "password, roles and sessions", user_remove);
  commands.add(user, "list", "everybody with a password or a role, a line each", user_list);
  for (CLI::App* each : {&add, &password, &roles, &remove}) {
    each->add_option("--email", options.email)->required();
  }
  for (CLI::App* each : {&add, &password}) {
    each->add_flag("--password-stdin", options.password_stdin, "read it from standard input");
  }
  for (CLI::App* each : {&add, &roles}) {
    each->add_flag("--staff", options.staff, "works for the platform");
    each->add_option("--admin-of", options.admin_of, "a company's id; may stand several times");
  }
}

}  // namespace matricula::cli
