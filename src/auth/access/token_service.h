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
// kBadUserInput where the text cannot be the description of a token or a credential.
Result<void> check_description(std::string_view text);
inline constexpr std::size_t kTokenCompaniesMax = 1'000;
inline constexpr std::int64_t kGeneratedTokenSeconds = 3'600;

// The bounds of an installation. A live token is neither revoked nor expired.
struct TokenLimits {
  // The lifetime of a token that is created without an expiry; 0: such a token never expires.
  std::int64_t default_days = 90;
  std::int64_t live_of_user_max = 100;
  // How many tokens of a person the store keeps, as a multiple of that: ended ones go, the oldest
  // first.
  static constexpr std::int64_t kKeptOfUserFactor = 11;
  std::int64_t live_of_credential_max = 1'000;
};
inline constexpr std::int64_t kTokenDaysMax = 36'500;
inline constexpr std::int64_t kLiveTokensMax = 1'000'000;

struct NewToken {
  std::string unredacted_token;  // the only copy
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
  std::optional<Timestamp> expires_at = {};  // nothing: the default of TokenLimits
  bool never_expires = false;                // an explicit wish; then without expires_at
  // The schema names one company; the command line may name several.
  std::vector<std::string> company_ids = {};
};

// Tokens and their scopes. Every change and its audit row are one transaction. Refusals:
// kUnauthorized `not authorized` (also for ids that do not exist), kBadUserInput for values and for
// what would pass the TokenLimits, and for generate() kUnauthorized `invalid client credentials`,
// the same for an unknown id, a wrong secret, a revoked credential and a company that is not
// covered. Safe to call from any thread; `reader` is the calling thread's.
class TokenService {
 public:
  // All must outlive it.
  TokenService(storage::Database& database, const Secrets& secrets, Refusals& refusals,
               const Clock& clock, const TokenLimits& limits = {})
      : database_(database),
        secrets_(secrets),
        refusals_(refusals),
        clock_(clock),
        limits_(limits) {}

  // For anyone with a client secret. The token lives for an hour and has the company's COMPANY
  // scope.
  Result<NewToken> generate(storage::Session& reader, const GenerateToken& input,
                            const Caller& caller);
  // A person with a role, or the operator, for companies that they administer.
  Result<NewToken> create(const CreateToken& input, const Caller& caller);
  // The maker, staff, the operator, and admins of a company that the token reads; revoking twice is
  // no error. If the token also reads companies that such an admin does not administer, only the
  // scopes for the admin's own companies end.
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
  // The credential and the company of a new token.
  struct Grant {
    Uuid credential_id;
    std::string company_id;
  };
  Result<Grant> check_grant(storage::Session& session, const GenerateToken& input,
                            const Digest& secret, std::string_view address, Timestamp now) const;
  Result<void> check_live_of(const Principal& principal, storage::Session& session,
                             Timestamp now) const;

  storage::Database& database_;
  const Secrets& secrets_;
  Refusals& refusals_;
  const Clock& clock_;
  const TokenLimits limits_;
};

}  // namespace matricula::auth
