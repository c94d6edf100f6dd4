#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "auth/access/token_rows.h"
#include "auth/callers/caller.h"
#include "auth/secrets/secrets.h"
#include "auth/trail/refusals.h"
#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

inline constexpr std::size_t kDescriptionBytesMax = 1'000;
inline constexpr std::size_t kTokenCompaniesMax = 1'000;
inline constexpr std::int64_t kGeneratedTokenSeconds = 3'600;

struct NewToken {
  std::string unredacted_token;  // exists nowhere else
  Token token;
  std::optional<std::int64_t> expires_in = {};  // seconds
  std::optional<TokenScope> primary_scope = {};
};

struct GenerateToken {
  std::string client_id;
  std::string client_secret;
  std::optional<std::string> company_id = {};
};

struct CreateToken {
  std::string description;
  std::optional<Timestamp> expires_at = {};
  // The schema names one company; the command line may name several.
  std::vector<std::string> company_ids = {};
};

// Tokens and their scopes. Every change and its audit row are one transaction. Refusals:
// kUnauthorized `not authorized` (also for ids that do not exist), kBadUserInput for values, and
// for generate() kUnauthorized `invalid client credentials`, the same for an unknown id, a wrong
// secret, a revoked credential and a company that is not covered. Safe to call from any thread;
// `reader` is the calling thread's.
class TokenService {
 public:
  // All must outlive it.
  TokenService(storage::Database& database, const Secrets& secrets, Refusals& refusals,
               const Clock& clock)
      : database_(database), secrets_(secrets), refusals_(refusals), clock_(clock) {}

  // Whoever knows a client secret. The token lives for an hour and has the company's COMPANY scope.
  Result<NewToken> generate(storage::Session& reader, const GenerateToken& input,
                            const Caller& caller);
  // A logged-in user or the operator, for companies that they administer.
  Result<NewToken> create(const CreateToken& input, const Caller& caller);
  // The maker, staff or the operator; revoking twice is no error.
  Result<void> revoke(std::string_view token_id, const Caller& caller);
  // Staff or the operator. Adding a scope that is in force changes nothing and is no error.
  Result<Token> add_scope(std::string_view token_id, ScopeType type, std::string_view scope_key,
                          const Caller& caller);
  Result<Token> remove_scope(std::string_view token_id, std::string_view scope_id,
                             const Caller& caller);

  // Newest first: those that the user made.
  Result<std::vector<Token>> list(storage::Session& reader, const Principal& principal);
  // Newest first: those that people made, and those of credentials that have not expired; with
  // `company_id` those with a scope in force for it. For the command line.
  Result<std::vector<Token>> list_all(storage::Session& reader,
                                      std::optional<std::string_view> company_id);

 private:
  storage::Database& database_;
  const Secrets& secrets_;
  Refusals& refusals_;
  const Clock& clock_;
};

}  // namespace matricula::auth
