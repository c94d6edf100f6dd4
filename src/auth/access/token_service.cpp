#include "auth/access/token_service.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

#include "auth/authentication/credential_lookup.h"
#include "auth/authentication/roles.h"
#include "auth/callers/errors.h"
#include "auth/schema/directory.h"
#include "auth/schema/store.h"
#include "auth/secrets/secret_text.h"
#include "auth/trail/retention.h"
#include "auth/trail/use_counter.h"
#include "base/assert.h"
#include "base/text.h"
#include "base/time_text.h"

namespace matricula::auth {
namespace {

// The token that was just written.
Result<NewToken> written_token(storage::Session& session, const Uuid& id, std::string text) {
  MATRICULA_TRY(auto token, read_token(session, id));
  MATRICULA_ASSERT(token.has_value());
  NewToken made{.unredacted_token = std::move(text), .token = std::move(*token)};
  if (made.token.expires_at) {
    // The schema's Int has 32 bits: more than 68 years are cut to its maximum.
    made.expires_in =
        std::min<std::int64_t>((*made.token.expires_at - made.token.created_at) / kMicrosPerSecond,
                               std::numeric_limits<std::int32_t>::max());
  }
  if (!made.token.scopes.empty()) {
    made.primary_scope = made.token.scopes.front();
  }
  return made;
}

// Which of the credential's companies the new token is for.
Result<std::string> chosen_company(const VerifiedCredential& credential,
                                   const std::optional<std::string>& wanted) {
  const auto& companies = credential.company_ids;
  if (wanted) {
    if (std::find(companies.begin(), companies.end(), *wanted) == companies.end()) {
      return fail(invalid_client_credentials());
    }
    return *wanted;
  }
  if (companies.size() > 1) {
    return fail(ErrorCode::kBadUserInput,
                "The client credential covers several companies: companyId must name one.");
  }
  return companies.empty() ? Result<std::string>(fail(invalid_client_credentials()))
                           : companies.front();
}

Result<void> check_input(const CreateToken& input, Timestamp now) {
  MATRICULA_CHECK(check_description(input.description));
  if (input.expires_at && *input.expires_at <= now) {
    return fail(ErrorCode::kBadUserInput, "expiresAt must be in the future.");
  }
  if (input.expires_at && *input.expires_at > kTimeMax) {
    return fail(ErrorCode::kBadUserInput, "expiresAt may be in the year 9999 at the latest.");
  }
  if (input.company_ids.size() > kTokenCompaniesMax) {
    return fail(ErrorCode::kBadUserInput,
                fmt::format("A token may be for at most {} companies.", kTokenCompaniesMax));
  }
  return {};
}

// A token needs a role behind it, even one without a scope.
bool may_create(const Principal& principal, const std::vector<std::string>& company_ids) {
  const bool has_role = principal.has_staff_rights() ||
                        (principal.kind == PrincipalKind::kUser && !principal.admin_of.empty());
  return has_role && std::all_of(company_ids.begin(), company_ids.end(),
                                 [&](const std::string& id) { return principal.administers(id); });
}

// Whether the caller may revoke the whole token.
bool may_revoke_all(const Token& token, const Principal& principal) {
  const bool is_maker = !token.credential_id && principal.kind == PrincipalKind::kUser &&
                        token.created_by == uuid_text(principal.user_id);
  return is_maker || principal.has_staff_rights() ||
         (!token.scopes.empty() &&
          std::all_of(token.scopes.begin(), token.scopes.end(), [&](const TokenScope& scope) {
            return principal.administers(scope.scope_key);
          }));
}

// Whether the token reads or has read a company that the caller administers.
bool ever_read(const Token& token, const Principal& principal) {
  return std::any_of(token.scopes_history.begin(), token.scopes_history.end(),
                     [&](const TokenScopeAction& action) {
                       return principal.administers(action.scope.scope_key);
                     });
}

// The company that a scope of the token is or was for.
std::optional<std::string> company_of_scope(const Token& token, const Uuid& scope_id) {
  const auto action =
      std::ranges::find(token.scopes_history, uuid_text(scope_id), &TokenScopeAction::scope_id);
  return action == token.scopes_history.end() ? std::nullopt
                                              : std::optional(action->scope.scope_key);
}

// Ends the scopes for the companies that the caller administers; the companies. The token may read
// others, which the caller must not learn of.
Result<std::vector<std::string>> end_own_scopes(storage::Session& session, const Token& token,
                                                const Principal& principal, Timestamp now) {
  const Uuid token_id = *parse_uuid(token.id);
  std::vector<std::string> ended;
  for (const TokenScope& scope : token.scopes) {
    if (principal.administers(scope.scope_key)) {
      MATRICULA_CHECK(
          end_scope(session, token_id, *parse_uuid(scope.id), author_of(principal), now));
      ended.push_back(scope.scope_key);
    }
  }
  return ended;
}

// The expiry of a new token.
std::optional<Timestamp> expiry_of(const CreateToken& input, const TokenLimits& limits,
                                   Timestamp now) {
  if (input.expires_at || input.never_expires || limits.default_days == 0) {
    return input.expires_at;
  }
  return now + limits.default_days * kMicrosPerDay;
}

}  // namespace

Result<void> check_description(std::string_view text) {
  if (text.size() > kDescriptionBytesMax) {
    return fail(ErrorCode::kBadUserInput,
                fmt::format("description may have at most {} bytes.", kDescriptionBytesMax));
  }
  return is_utf8(text) ? Result<void>()
                       : fail(ErrorCode::kBadUserInput, "description must be UTF-8.");
}

Result<TokenService::Grant> TokenService::check_grant(storage::Session& session,
                                                      const GenerateToken& input,
                                                      const Digest& secret,
                                                      std::string_view address,
                                                      Timestamp now) const {
  MATRICULA_TRY(const auto credential, verify_credential(session, input.client_id, secret, now));
  if (!credential || !credential->restrictions.allow_address(address)) {
    return fail(invalid_client_credentials());
  }
  MATRICULA_TRY(std::string company_id, chosen_company(*credential, input.company_id));
  MATRICULA_TRY(const std::int64_t live, live_tokens_of_credential(session, credential->id, now,
                                                                   limits_.live_of_credential_max));
  if (live >= limits_.live_of_credential_max) {
    return fail(ErrorCode::kBadUserInput,
                fmt::format("The client credential has {} live tokens, the limit "
                            "\"tokens-per-credential\" of this server: use a token until it "
                            "expires, or revoke tokens.",
                            live));
  }
  return Grant{.credential_id = credential->id, .company_id = std::move(company_id)};
}

Result<NewToken> TokenService::generate(storage::Session& reader, const GenerateToken& input,
                                        const Caller& caller) {
  const Timestamp now = clock_.now();
  const Digest secret = secrets_.digest(DigestKind::kClientSecret, input.client_secret);
  // Checked before the write transaction too, so that guesses take no lock of the writer's.
  const auto offered = is_client_secret_text(input.client_secret)
                           ? check_grant(reader, input, secret, caller.address, now)
                           : Result<Grant>(fail(invalid_client_credentials()));
  if (!offered) {
    if (offered.error().code == ErrorCode::kUnauthorized) {
      refusals_.add(caller, {.action = "token.generate"});
    }
    return fail(offered.error());
  }
  const std::string text = new_token_text();
  const Digest digest = secrets_.digest(DigestKind::kToken, text);
  const Uuid id = new_uuid();
  NewToken made;
  auto written = database_.write_keeping_caches(
      caller.write_until, [&](storage::Session& session) -> Result<void> {
        MATRICULA_TRY(const Grant grant, check_grant(session, input, secret, caller.address, now));
        const auto& [credential_id, company_id] = grant;
        MATRICULA_CHECK(
            insert_token(session, {.id = id,
                                   .digest = digest,
                                   .redacted = redacted_token(text),
                                   .description = "generateToken " + input.client_id,
                                   .created_by = credential_id,
                                   .created_at = now,
                                   .expires_at = now + kGeneratedTokenSeconds * kMicrosPerSecond,
                                   .credential_id = credential_id}));
        MATRICULA_CHECK(
            insert_scope(session, id, {ScopeType::kCompany, company_id}, credential_id, now));
        MATRICULA_CHECK(note_last_use(session, credential_id, company_id, now));
        AuditRow row = audit_row(
            caller,
            {.action = "token.generate", .target = uuid_text(id), .companies = {company_id}}, now);
        row.actor_kind = "credential";
        row.actor_id = uuid_text(credential_id);
        MATRICULA_CHECK(write_audit(session, row));
        MATRICULA_TRY(made, written_token(session, id, text));
        return {};
      });
  MATRICULA_CHECK(std::move(written));
  return made;
}

Result<NewToken> TokenService::create(const CreateToken& input, const Caller& caller) {
  const Timestamp now = clock_.now();
  AuditEvent event{.action = "token.create", .companies = input.company_ids};
  if (!may_create(caller.principal, input.company_ids)) {
    return refusals_.refuse(caller, event);
  }
  MATRICULA_CHECK(check_input(input, now));
  const std::string text = new_token_text();
  const Digest digest = secrets_.digest(DigestKind::kToken, text);
  const Uuid id = new_uuid();
  const Uuid author = author_of(caller.principal);
  event.target = uuid_text(id);
  NewToken made;
  auto written = database_.write_keeping_caches(
      caller.write_until, [&](storage::Session& session) -> Result<void> {
        MATRICULA_TRY(const Principal principal, with_current_roles(session, caller.principal));
        if (!may_create(principal, input.company_ids)) {
          return fail(not_authorized());
        }
        MATRICULA_CHECK(check_live_of(principal, session, now));
        MATRICULA_CHECK(require_companies(session, input.company_ids));
        MATRICULA_CHECK(insert_token(session, {.id = id,
                                               .digest = digest,
                                               .redacted = redacted_token(text),
                                               .description = input.description,
                                               .created_by = author,
                                               .created_at = now,
                                               .expires_at = expiry_of(input, limits_, now)}));
        for (const std::string& company : input.company_ids) {
          MATRICULA_CHECK(insert_scope(session, id, {ScopeType::kCompany, company}, author, now));
        }
        if (principal.kind != PrincipalKind::kOperator) {
          MATRICULA_CHECK(drop_ended_tokens_of(
              session, author, limits_.live_of_user_max * TokenLimits::kKeptOfUserFactor, now));
        }
        MATRICULA_CHECK(write_audit(session, audit_row(caller, event, now)));
        MATRICULA_TRY(made, written_token(session, id, text));
        return {};
      });
  MATRICULA_CHECK(refusals_.note(std::move(written), caller, event));
  return made;
}

// The operator is the one who sets the limit, and has none.
Result<void> TokenService::check_live_of(const Principal& principal, storage::Session& session,
                                         Timestamp now) const {
  if (principal.kind == PrincipalKind::kOperator) {
    return {};
  }
  MATRICULA_TRY(const std::int64_t live,
                live_tokens_of_maker(session, principal.user_id, now, limits_.live_of_user_max));
  if (live >= limits_.live_of_user_max) {
    return fail(
        ErrorCode::kBadUserInput,
        fmt::format("You have {} live tokens, the limit \"tokens-per-user\" of this server: "
                    "revoke one, or wait until one expires.",
                    live));
  }
  return {};
}

Result<void> TokenService::revoke(std::string_view token_id, const Caller& caller) {
  const std::optional<Uuid> id = parse_uuid(token_id);
  const Timestamp now = clock_.now();
  AuditEvent event{.action = "token.revoke", .target = id ? uuid_text(*id) : std::string()};
  auto written =
      database_.write_access(caller.write_until, [&](storage::Session& session) -> Result<void> {
        if (!id) {
          return fail(not_authorized());
        }
        MATRICULA_TRY(const auto token, read_token(session, *id));
        MATRICULA_TRY(const Principal principal, with_current_roles(session, caller.principal));
        event.companies = token ? companies_of(*token) : std::vector<std::string>();
        if (!token) {
          return fail(not_authorized());
        }
        if (may_revoke_all(*token, principal)) {
          MATRICULA_TRY(const std::int64_t revoked, revoke_token(session, *id, now));
          return revoked == 0 ? Result<void>()
                              : write_audit(session, audit_row(caller, event, now));
        }
        if (!ever_read(*token, principal)) {
          return fail(not_authorized());
        }
        MATRICULA_TRY(event.companies, end_own_scopes(session, *token, principal, now));
        return event.companies.empty() ? Result<void>()
                                       : write_audit(session, audit_row(caller, event, now));
      });
  return refusals_.note(std::move(written), caller, event);
}

Result<Token> TokenService::add_scope(std::string_view token_id, ScopeType type,
                                      std::string_view scope_key, const Caller& caller) {
  const std::optional<Uuid> id = parse_uuid(token_id);
  const AuditEvent event{.action = "token.addScope",
                         .target = id ? uuid_text(*id) : std::string(),
                         .detail = std::string(scope_type_name(type)),
                         .companies = {std::string(scope_key)}};
  if (!caller.principal.has_staff_rights() || !id) {
    return refusals_.refuse(caller, event);
  }
  const Timestamp now = clock_.now();
  const std::string company(scope_key);
  std::optional<Token> token;
  auto written =
      database_.write_access(caller.write_until, [&](storage::Session& session) -> Result<void> {
        MATRICULA_TRY(token, read_token(session, *id));
        MATRICULA_TRY(const Principal principal, with_current_roles(session, caller.principal));
        if (!token || !principal.has_staff_rights()) {
          return fail(not_authorized());
        }
        MATRICULA_CHECK(require_companies(session, {company}));
        MATRICULA_TRY(const bool is_added, insert_scope(session, *id, {type, company},
                                                        author_of(caller.principal), now));
        if (is_added) {
          MATRICULA_CHECK(write_audit(session, audit_row(caller, event, now)));
        }
        MATRICULA_TRY(token, read_token(session, *id));
        return {};
      });
  MATRICULA_CHECK(refusals_.note(std::move(written), caller, event));
  return std::move(*token);
}

Result<Token> TokenService::remove_scope(std::string_view token_id, std::string_view scope_id,
                                         const Caller& caller) {
  const std::optional<Uuid> id = parse_uuid(token_id);
  const std::optional<Uuid> scope = parse_uuid(scope_id);
  AuditEvent event{.action = "token.removeScope",
                   .target = id ? uuid_text(*id) : std::string(),
                   .detail = scope ? uuid_text(*scope) : std::string()};
  if (!caller.principal.has_staff_rights() || !id || !scope) {
    return refusals_.refuse(caller, event);
  }
  const Timestamp now = clock_.now();
  std::optional<Token> token;
  auto written =
      database_.write_access(caller.write_until, [&](storage::Session& session) -> Result<void> {
        MATRICULA_TRY(token, read_token(session, *id));
        MATRICULA_TRY(const Principal principal, with_current_roles(session, caller.principal));
        const auto company = token ? company_of_scope(*token, *scope) : std::nullopt;
        if (!company || !principal.has_staff_rights()) {
          return fail(not_authorized());
        }
        event.companies = {*company};
        MATRICULA_TRY(const bool is_ended,
                      end_scope(session, *id, *scope, author_of(caller.principal), now));
        if (is_ended) {
          MATRICULA_CHECK(write_audit(session, audit_row(caller, event, now)));
        }
        MATRICULA_TRY(token, read_token(session, *id));
        return {};
      });
  MATRICULA_CHECK(refusals_.note(std::move(written), caller, event));
  return std::move(*token);
}

Result<std::vector<Token>> TokenService::list(storage::Session& reader,
                                              const Principal& principal) {
  MATRICULA_TRY(const auto ids, token_ids_of_maker(reader, author_of(principal)));
  return read_tokens(reader, ids);
}

Result<std::vector<Token>> TokenService::list_all(storage::Session& reader,
                                                  std::optional<std::string_view> company_id) {
  MATRICULA_TRY(const auto ids, token_ids(reader, clock_.now()));
  MATRICULA_TRY(auto tokens, read_tokens(reader, ids));
  std::erase_if(tokens, [&](const Token& token) {
    return company_id && std::ranges::none_of(token.scopes, [&](const TokenScope& scope) {
             return scope.scope_key == *company_id;
           });
  });
  return tokens;
}

}  // namespace matricula::auth
