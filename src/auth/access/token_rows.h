#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/callers/principal.h"
#include "auth/schema/uuid.h"
#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

// The types below are those of the tokens schema, field for field; ids are texts.
struct TokenScope {
  std::string id;
  std::string token_id;
  ScopeType scope_type = ScopeType::kCompany;
  std::string scope_key;
  Timestamp created_at = 0;
  std::optional<Timestamp> deleted_at = {};
};

enum class ScopeActionType : std::uint8_t { kAdded, kRemoved };

struct TokenScopeAction {
  std::string id;
  std::string token_id;
  std::string scope_id;
  std::string updated_by;
  Timestamp updated_at = 0;
  ScopeActionType action = ScopeActionType::kAdded;
  TokenScope scope = {};
};

struct Token {
  std::string id;
  std::string redacted_token;
  std::string description;
  std::string created_by;
  Timestamp created_at = 0;
  Timestamp updated_at = 0;
  std::optional<Timestamp> expires_at = {};
  std::optional<Timestamp> revoked_at = {};
  std::optional<std::string> credential_id = {};
  std::optional<Timestamp> last_used_at = {};
  std::vector<TokenScope> scopes = {};                // those in force
  std::vector<TokenScopeAction> scopes_history = {};  // oldest first
};

// What a new token is made of; its text is digested and redacted by the caller.
struct TokenInsert {
  Uuid id;
  storage::Bytes digest;
  std::string redacted;
  std::string description;
  Uuid created_by;
  Timestamp created_at = 0;
  std::optional<Timestamp> expires_at = {};
  std::optional<Uuid> credential_id = {};
};

Result<void> insert_token(storage::Session& transaction, const TokenInsert& token);
// Adds a scope and its history; false, and nothing is done, when it is in force already.
Result<bool> insert_scope(storage::Session& transaction, const Uuid& token_id, const Scope& scope,
                          const Uuid& by, Timestamp now);
// Ends a scope in force and writes its history; false, and nothing is done, when it has ended
// before.
Result<bool> end_scope(storage::Session& transaction, const Uuid& token_id, const Uuid& scope_id,
                       const Uuid& by, Timestamp now);

// Whole, with scopes and history; nullopt where there is none.
Result<std::optional<Token>> read_token(storage::Session& session, const Uuid& id);
// The same for many, in the order of the ids and without those that do not exist: three statements
// whatever their number.
Result<std::vector<Token>> read_tokens(storage::Session& session, std::span<const Uuid> ids);

// The companies that the token's scopes in force are for.
std::vector<std::string> companies_of(const Token& token);
// Ids, newest first: of the tokens that a user made; or of all in the store that people made, and
// those that credentials made and that have not expired at `now`.
Result<std::vector<Uuid>> token_ids_of_maker(storage::Session& session, const Uuid& user_id);
Result<std::vector<Uuid>> token_ids(storage::Session& session, Timestamp now);

// How many live tokens there are, counted up to `count_max`: that the user made, or of the
// credential.
Result<std::int64_t> live_tokens_of_maker(storage::Session& session, const Uuid& user_id,
                                          Timestamp now, std::int64_t count_max);
Result<std::int64_t> live_tokens_of_credential(storage::Session& session, const Uuid& credential_id,
                                               Timestamp now, std::int64_t count_max);

// The condition that a row of api_tokens is of a live token at the time of the parameter `now`,
// such as "?2".
std::string is_live(std::string_view now);
// The same for tokens of credentials, which always expire. `table` is the table's alias with its
// dot, where the statement has one.
std::string is_live_of_credential(std::string_view now, std::string_view table = {});

// The number of tokens that this revoked: 0 or 1.
Result<std::int64_t> revoke_token(storage::Session& transaction, const Uuid& id, Timestamp now);

}  // namespace matricula::auth
