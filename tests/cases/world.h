#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "auth/access/credential_service.h"
#include "auth/access/login_service.h"
#include "auth/access/token_service.h"
#include "auth/access/user_service.h"
#include "auth/secrets/key_file.h"
#include "auth/secrets/secrets.h"
#include "auth/trail/refusals.h"
#include "base/clock.h"
#include "base/log.h"
#include "pipeline/pipeline.h"
#include "storage/testing.h"
#include "tests/cases/case_file.h"

namespace matricula::cases {

struct Answer {
  int status = 0;
  std::string body;
  std::string headers;
};

// A logger that keeps the messages of warnings and errors, with their fields.
class KeptWarnings final : public Logger {
 public:
  void log(LogLevel level, std::string_view message,
           std::initializer_list<LogField> fields) override;
  std::vector<std::string> lines();

 private:
  std::mutex mutex_;  // guards the next one
  std::vector<std::string> lines_;
};

// Which engine holds a world's store.
enum class Engine { kSqlite, kPostgres };

// A whole server but for its sockets: a store filled from NDJSON, every service, and a pipeline.
// One thread; the clock stands still unless a test turns it.
class World {
 public:
  // Imports the directory `data`. On PostgreSQL the server's role owns nothing; the import is its
  // owner's.
  explicit World(const std::string& data, const pipeline::PipelineOptions& options = {},
                 Engine engine = Engine::kSqlite);
  ~World();

  // Runs a case and keeps what it wants kept.
  Answer run(const Case& each);
  // What is kept so far, by name.
  const std::map<std::string, std::string>& kept() const { return kept_; }
  // A request as it is, with `headers` as name and value.
  Answer send(const std::string& method, const std::string& endpoint,
              const std::map<std::string, std::string>& headers, const std::string& query,
              const std::string& body);
  // The answer that comes of the tables alone, whatever the options say of memory.
  Answer send_to_tables(const std::string& endpoint,
                        const std::map<std::string, std::string>& headers, const std::string& body);
  // A POST on the thread of that loop; others may be asked at once.
  Answer send_on(unsigned loop, const std::string& endpoint,
                 const std::map<std::string, std::string>& headers, const std::string& body);
  // Imports files; on PostgreSQL as the owner.
  void import(std::span<const std::string> paths);
  // A token with a COMPANY scope for each id of the comma-separated list.
  std::string token_for(const std::string& companies);
  std::string catalog_token_for(const std::string& company);

  ManualClock& clock() { return clock_; }
  storage::Database& database() { return *database_; }
  auth::CredentialService& credentials() { return credentials_; }
  auth::TokenService& tokens() { return tokens_; }
  pipeline::Pipeline& pipeline() { return *pipeline_; }
  // The name of its database on PostgreSQL.
  const std::string& postgres() const { return postgres_; }
  // The warnings and errors so far.
  std::vector<std::string> warnings() { return logger_.lines(); }

 private:
  std::string jwt_for(const std::string& email);
  std::unique_ptr<pipeline::Pipeline> open_pipeline(const pipeline::PipelineOptions& options);

  ManualClock clock_;
  KeptWarnings logger_;
  storage::TempDirectory directory_;
  std::string postgres_;  // the name of a database of our own
  std::unique_ptr<storage::Database> database_;
  auth::Secrets secrets_;
  auth::Refusals refusals_;
  auth::PasswordHasher hasher_;
  auth::TokenService tokens_;
  auth::CredentialService credentials_;
  auth::UserService users_;
  auth::LoginService logins_;
  domains::Services services_;
  const pipeline::PipelineOptions options_;
  std::unique_ptr<pipeline::Pipeline> pipeline_;
  std::unique_ptr<pipeline::Pipeline> tables_;  // without memory; made when it is asked
  std::unique_ptr<storage::Database> owners_;   // on PostgreSQL, when something is imported
  std::map<std::string, std::string> tokens_by_companies_;
  std::map<std::string, std::string> jwts_by_email_;
  std::map<std::string, std::string> kept_;
};

}  // namespace matricula::cases
