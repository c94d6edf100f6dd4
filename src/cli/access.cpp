#include <fmt/format.h>
#include <iostream>
#include <iterator>

#include "auth/audit.h"
#include "auth/credential_service.h"
#include "auth/key_file.h"
#include "auth/limit_overrides.h"
#include "auth/refusals.h"
#include "auth/token_service.h"
#include "auth/user_service.h"
#include "cli/access_text.h"
#include "cli/context.h"
#include "server/store.h"

namespace matricula::cli {
namespace {

// The services over a store, and the operator who calls them.
class Access {
 public:
  static Result<std::unique_ptr<Access>> open(const Context& context) {
    MATRICULA_TRY(auto database, server::open_store(context.store, {}, context.clock));
    MATRICULA_TRY(auth::Secrets secrets,
                  auth::open_secrets(*database, server::shown_store(context.store),
                                     server::key_file_of(context.store, context.key_file)));
    return std::unique_ptr<Access>(
        new Access(std::move(database), std::move(secrets), context.clock));
  }

  auth::Caller caller() const { return {.principal = operator_, .address = "local"}; }

 private:
  std::unique_ptr<storage::Database> database_;
  auth::Secrets secrets_;
  auth::Refusals refusals_;
  auth::PasswordHasher hasher_;
  auth::Principal operator_ = auth::operator_principal();

  Access(std::unique_ptr<storage::Database> store, auth::Secrets secrets, const Clock& clock)
      : database_(std::move(store)),
        secrets_(std::move(secrets)),
        refusals_(clock),
        tokens(*database_, secrets_, refusals_, clock),
        credentials(*database_, secrets_, refusals_, clock),
        users(*database_, hasher_, refusals_, clock),
        database(*database_) {}

 public:
  auth::TokenService tokens;
  auth::CredentialService credentials;
  auth::UserService users;
  storage::Database& database;
};

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

void say(const Context& context, const std::string& json, const std::string& text) {
  if (context.json) {
    fmt::print("{}\n", json);
  } else {
    fmt::print(stderr, "{}\n", text);
  }
}

// Everything that the options of these commands fill.
struct Options {
  std::string email;
  std::string id;
  std::string description;
  std::vector<std::string> companies;
  std::vector<std::string> admin_of;
  std::string first_name;
  std::string last_name;
  std::string company;
  std::string credential;
  std::string actor;
  std::string action;
  std::int64_t expires_in = 0;
  std::int64_t overlap = 0;
  std::int64_t rows = 1'000;
  std::uint32_t limit = 0;
  bool staff = false;
  bool password_stdin = false;
};

using Command = Result<int> (*)(Context&, const Options&, Access&);

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

Result<int> credential_create(Context& context, const Options& options, Access& access) {
  MATRICULA_TRY(
      const auth::NewClientCredential made,
      access.credentials.create(
          {.company_ids = options.companies, .description = options.description}, access.caller()));
  say(context, new_credential_text(made),
      fmt::format("client id     {}\nclient secret {}  (shown this once)", made.client_id,
                  made.client_secret));
  return 0;
}

Result<int> credential_rotate(Context& context, const Options& options, Access& access) {
  MATRICULA_TRY(const auth::NewClientCredential made,
                access.credentials.rotate(options.id, options.overlap, access.caller()));
  say(context, new_credential_text(made),
      fmt::format("client id     {}\nclient secret {}  (shown this once)", made.client_id,
                  made.client_secret));
  return 0;
}

Result<int> credential_revoke(Context& context, const Options& options, Access& access) {
  MATRICULA_CHECK(access.credentials.revoke(options.id, access.caller()));
  say(context, "{}", fmt::format("{}: revoked, with every token made from it", options.id));
  return 0;
}

std::optional<std::string_view> company_of(const Options& options) {
  return options.company.empty() ? std::nullopt : std::optional<std::string_view>(options.company);
}

Result<int> credential_list(Context&, const Options& options, Access& access) {
  MATRICULA_TRY(const auto reader, access.database.open_reader());
  MATRICULA_TRY(const auto list,
                access.credentials.list(*reader, access.caller().principal, company_of(options)));
  print_lines(list, credential_text);
  return 0;
}

Result<int> token_create(Context& context, const Options& options, Access& access) {
  auth::CreateToken input{.description = options.description, .company_ids = options.companies};
  if (options.expires_in > 0) {
    input.expires_at = context.clock.now() + options.expires_in * 1'000'000;
  }
  MATRICULA_TRY(const auth::NewToken made, access.tokens.create(input, access.caller()));
  say(context, new_token_text(made),
      fmt::format("token {}  (shown this once)\nid    {}", made.unredacted_token, made.token.id));
  return 0;
}

Result<int> token_revoke(Context& context, const Options& options, Access& access) {
  MATRICULA_CHECK(access.tokens.revoke(options.id, access.caller()));
  say(context, "{}", fmt::format("{}: revoked", options.id));
  return 0;
}

Result<int> token_list(Context&, const Options& options, Access& access) {
  MATRICULA_TRY(const auto reader, access.database.open_reader());
  MATRICULA_TRY(const auto list, access.tokens.list_all(*reader, company_of(options)));
  print_lines(list, token_text);
  return 0;
}

Result<auth::LimitOverride> limit_of(const Options& options) {
  if (options.company.empty() == options.credential.empty()) {
    return fail(ErrorCode::kUsage, "give one of --company and --credential");
  }
  const bool company = !options.company.empty();
  return auth::LimitOverride{
      .subject = company ? auth::LimitSubject::kCompany : auth::LimitSubject::kCredential,
      .id = company ? options.company : options.credential,
      .limit = options.limit};
}

Result<int> limits_set(Context& context, const Options& options, Access& access) {
  MATRICULA_TRY(const auth::LimitOverride limit, limit_of(options));
  MATRICULA_CHECK(auth::set_limit(access.database, context.clock, limit, access.caller()));
  say(context, "{}", fmt::format("{}: {} requests in 60 seconds", limit.id, limit.limit));
  return 0;
}

Result<int> limits_clear(Context& context, const Options& options, Access& access) {
  MATRICULA_TRY(const auth::LimitOverride limit, limit_of(options));
  MATRICULA_CHECK(
      auth::clear_limit(access.database, context.clock, limit.subject, limit.id, access.caller()));
  say(context, "{}", fmt::format("{}: the server's limit", limit.id));
  return 0;
}

Result<int> limits_list(Context&, const Options&, Access& access) {
  MATRICULA_TRY(const auto reader, access.database.open_reader());
  MATRICULA_TRY(const auto list, auth::list_limits(*reader));
  print_lines(list, limit_text);
  return 0;
}

Result<int> audit(Context&, const Options& options, Access& access) {
  auth::AuditFilter filter{.rows_max = options.rows};
  if (!options.actor.empty()) {
    filter.actor_id = options.actor;
  }
  if (!options.action.empty()) {
    filter.action = options.action;
  }
  MATRICULA_TRY(const auto reader, access.database.open_reader());
  MATRICULA_TRY(const auto rows, auth::read_audit(*reader, filter));
  print_lines(rows, audit_text);
  return 0;
}

class Commands {
 public:
  explicit Commands(Context& context) : context_(context) {}

  CLI::App& add(CLI::App& parent, const std::string& name, const std::string& help,
                Command command) {
    CLI::App& app = *parent.add_subcommand(name, help);
    app.callback([&context = context_, options = options_, command] {
      conclude(context, [&]() -> Result<int> {
        MATRICULA_TRY(const auto access, Access::open(context));
        return command(context, *options, *access);
      });
    });
    return app;
  }
  Options& options() { return *options_; }

 private:
  Context& context_;
  // One set for all: a process runs one command.
  std::shared_ptr<Options> options_ = std::make_shared<Options>();
};

CLI::App& group(CLI::App& app, const std::string& name, const std::string& help) {
  CLI::App& made = *app.add_subcommand(name, help);
  made.require_subcommand(1);
  made.fallthrough();
  return made;
}

void add_users(CLI::App& app, Commands& commands) {
  Options& options = commands.options();
  CLI::App& user = group(app, "user", "people who can log in");
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

void add_credentials(CLI::App& app, Commands& commands) {
  Options& options = commands.options();
  CLI::App& credential = group(app, "credential", "client credentials");
  CLI::App& create =
      commands.add(credential, "create", "for one or more companies", credential_create);
  create.add_option("--company", options.companies, "may stand several times")->required();
  create.add_option("--description", options.description);
  CLI::App& list = commands.add(credential, "list", "newest first, a line each", credential_list);
  list.add_option("--company", options.company);
  CLI::App& rotate = commands.add(credential, "rotate", "a new secret", credential_rotate);
  rotate.add_option("--overlap", options.overlap, "seconds that the old secret keeps working");
  CLI::App& revoke = commands.add(credential, "revoke", "and all its tokens", credential_revoke);
  for (CLI::App* each : {&rotate, &revoke}) {
    each->add_option("ID", options.id, "of the credential")->required();
  }
}

void add_tokens(CLI::App& app, Commands& commands) {
  Options& options = commands.options();
  CLI::App& token = group(app, "token", "API tokens");
  CLI::App& create = commands.add(token, "create", "for one or more companies", token_create);
  create.add_option("--company", options.companies, "may stand several times")->required();
  create.add_option("--description", options.description);
  create.add_option("--expires-in", options.expires_in, "seconds")->check(CLI::PositiveNumber);
  CLI::App& list = commands.add(token, "list", "newest first, a line each", token_list);
  list.add_option("--company", options.company);
  CLI::App& revoke = commands.add(token, "revoke", "ends a token at once", token_revoke);
  revoke.add_option("ID", options.id, "of the token")->required();
}

}  // namespace

void add_access(CLI::App& app, Context& context) {
  Commands commands(context);
  Options& options = commands.options();
  add_users(app, commands);
  add_credentials(app, commands);
  add_tokens(app, commands);
  CLI::App& limits = group(app, "limits", "rate limits of companies and credentials");
  CLI::App& set = commands.add(limits, "set", "in place of the server's", limits_set);
  set.add_option("--requests", options.limit, "in any 60 seconds; 0: no limit")->required();
  CLI::App& clear = commands.add(limits, "clear", "back to the server's", limits_clear);
  for (CLI::App* each : {&set, &clear}) {
    each->add_option("--company", options.company);
    each->add_option("--credential", options.credential);
  }
  commands.add(limits, "list", "a line each", limits_list);
  CLI::App& trail = commands.add(app, "audit", "who did what, newest first, a line each", audit);
  trail.add_option("--actor", options.actor, "a user's or token's id");
  trail.add_option("--action", options.action, "such as token.create, or token. for all of them");
  trail.add_option("--rows", options.rows, "at most")->capture_default_str();
}

}  // namespace matricula::cli
