#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/access/credential_service.h"
#include "auth/access/token_service.h"
#include "auth/access/user_service.h"
#include "auth/secrets/password.h"
#include "auth/secrets/secrets.h"
#include "auth/trail/access_clock.h"
#include "auth/trail/refusals.h"
#include "cli/context.h"
#include "cli/help.h"
#include "storage/database.h"

namespace matricula::cli {

// The services over the store of the command line, and the operator who calls them.
class Access {
 public:
  // Makes a store that is missing where `create` says so.
  static Result<std::unique_ptr<Access>> open(const Context& context, bool create);

  // Writes refused attempts to the audit trail.
  Result<void> keep_refusals() { return refusals_.flush_all(*database_); }
  auth::Caller caller() const { return {.principal = operator_, .address = "local"}; }

 private:
  Access(std::unique_ptr<storage::Database> store, auth::Secrets secrets,
         std::unique_ptr<auth::AccessClock> access_clock);

  std::unique_ptr<storage::Database> database_;
  auth::Secrets secrets_;
  std::unique_ptr<auth::AccessClock> clock_;
  auth::Refusals refusals_;
  auth::PasswordHasher hasher_;
  auth::Principal operator_ = auth::operator_principal();

 public:
  auth::TokenService tokens;
  auth::CredentialService credentials;
  auth::UserService users;
  storage::Database& database;
  const auth::AccessClock& clock;
};

// The values of all options of these commands.
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
  std::int64_t audit_days = 0;
  std::uint32_t limit = 0;
  bool refused = false;
  bool staff = false;
  bool never_expires = false;
  bool password_stdin = false;
};

// A command over the store; its exit status.
using Command = Result<int> (*)(Context&, const Options&, Access&);

// What a command does where there is no store.
enum class MissingStore { kRefuse, kMake };

// What a command does before it works on the store.
struct Beforehand {
  MissingStore missing_store = MissingStore::kRefuse;
  // Looks at options together, and drops those that give way to others; null for none.
  Result<void> (*check)(const Context&, Options&) = nullptr;
};

// Makes commands that open the store and share one set of options: a process runs one command.
class Commands {
 public:
  explicit Commands(Context& context) : context_(context) {}

  CLI::App& add(CLI::App& parent, CommandText text, Command command, Beforehand beforehand = {});
  // A command that has commands.
  CLI::App& group(CLI::App& app, CommandText text);
  Options& options() { return *options_; }

 private:
  Context& context_;
  std::shared_ptr<Options> options_ = std::make_shared<Options>();
};

// Prints the result of a command: `json` on standard output with --json, else `text` for people.
void say(Context& context, const std::string& json, const std::string& text);

// A secret that exists nowhere else, shown once.
struct ShownOnce {
  std::string json;  // for standard output, with --json
  std::string text;  // for people
  std::string what;  // for messages, such as "the token ID"
};

// Prints a secret as say() does. Where it cannot be written, it must not stay valid: `undo` revokes
// it, and the error says whether that was done.
Result<int> show_once(Context& context, const ShownOnce& shown,
                      const std::function<Result<void>()>& undo);

// The id of the company of --company, where that is given.
Result<std::optional<std::string>> company_of(storage::Session& session, const Options& options);

void add_users(CLI::App& app, Commands& commands);
void add_keys(CLI::App& app, Commands& commands);   // credential, token
void add_trail(CLI::App& app, Commands& commands);  // limits, audit, company

}  // namespace matricula::cli
