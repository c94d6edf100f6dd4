#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/access/credential_service.h"
#include "auth/access/token_service.h"
#include "auth/access/user_service.h"
#include "auth/secrets/password.h"
#include "auth/secrets/secrets.h"
#include "auth/trail/refusals.h"
#include "cli/context.h"
#include "storage/database.h"

namespace matricula::cli {

// The services over the store of the command line, and the operator who calls them.
class Access {
 public:
  static Result<std::unique_ptr<Access>> open(const Context& context);

  // Writes attempts that were refused to the audit trail.
  Result<void> keep_refusals() { return refusals_.flush(*database_); }
  auth::Caller caller() const { return {.principal = operator_, .address = "local"}; }

 private:
  Access(std::unique_ptr<storage::Database> store, auth::Secrets secrets, const Clock& clock);

  std::unique_ptr<storage::Database> database_;
  auth::Secrets secrets_;
  auth::Refusals refusals_;
  auth::PasswordHasher hasher_;
  auth::Principal operator_ = auth::operator_principal();

 public:
  auth::TokenService tokens;
  auth::CredentialService credentials;
  auth::UserService users;
  storage::Database& database;
};

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
  std::string target;
  std::string since;
  std::string until;
  std::vector<std::string> networks;
  std::vector<std::string> endpoints;
  std::int64_t expires_in = 0;
  std::int64_t overlap = 0;
  std::int64_t rows = 1'000;
  std::uint32_t limit = 0;
  bool refused = false;
  bool staff = false;
  bool password_stdin = false;
};

// A command over the store; its exit status.
using Command = Result<int> (*)(Context&, const Options&, Access&);

// Makes commands that open the store and share one set of options: a process runs one command.
class Commands {
 public:
  explicit Commands(Context& context) : context_(context) {}

  CLI::App& add(CLI::App& parent, const std::string& name, const std::string& help,
                Command command);
  // A command that has commands.
  static CLI::App& group(CLI::App& app, const std::string& name, const std::string& help);
  Options& options() { return *options_; }

 private:
  Context& context_;
  std::shared_ptr<Options> options_ = std::make_shared<Options>();
};

// What a command did: `json` on standard output with --json, else `text` for people.
void say(const Context& context, const std::string& json, const std::string& text);

// The company of --company, where there is one.
std::optional<std::string_view> company_of(const Options& options);

void add_users(CLI::App& app, Commands& commands);
void add_keys(CLI::App& app, Commands& commands);   // credential, token
void add_trail(CLI::App& app, Commands& commands);  // limits, audit

}  // namespace matricula::cli
