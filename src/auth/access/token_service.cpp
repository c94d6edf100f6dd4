#include "auth/access/token_service.h"

#include <algorithm>
#include <limits>

#include "auth/access/credential_rows.h"
#include "auth/callers/errors.h"
#include "auth/schema/directory.h"
#include "auth/schema/store.h"
#include "auth/secrets/secret_text.h"
#include "base/assert.h"

namespace matricula::auth {
namespace {

const storage::Statement kRevoke(
    "UPDATE api_tokens SET revoked_at = ?2, updated_at = ?2 WHERE id = ?1 AND revoked_at IS NULL");
const storage::Statement kTouchCredential(
    "UPDATE client_credentials SET last_used_at = ?2 WHERE id = ?1");

constexpr std::int64_t kMicrosPerSecond = 1'000'000;

// The token that was just written.
Result<NewToken> written_token(storage::Session& session, const Uuid& id, std::string text) {
  MATRICULA_TRY(auto token, read_token(session, id));
  MATRICULA_ASSERT(token.has_value());
  NewToken made{.unredacted_token = std::move(text), .token = std::move(*token)};
  if (made.token.expires_at) {
    // The schema's Int has 32 bits: beyond 68 years it says the most that it can.
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
  if (input.description.size() > kDescriptionBytesMax) {
    return fail(ErrorCode::kBadUserInput, "description may have at most 1000 bytes.");
  }
  if (input.expires_at && *input.expires_at <= now) {
    return fail(ErrorCode::kBadUserInput, "expiresAt must be in the future.");
  }
  if (input.company_ids.size() > kTokenCompaniesMax) {
    return fail(ErrorCode::kBadUserInput, "A token may be for at most 1000 companies.");
  }
  return {};
}

// Those that the token's scopes in force are for.
std::vector<std::string> companies_of(const Token& token) {
  std::vector<std::string> companies;
  for (const TokenScope& scope : token.scopes) {
    companies.push_back(scope.scope_key);
  }
  return companies;
}

}  // namespace

Result<NewToken> TokenService::generate(storage::Session& reader, const GenerateToken& input,
                                        const Caller& caller) {
  const Timestamp now = clock_.now();
  const Digest secret = secrets_.digest(DigestKind::kClientSecret, input.client_secret);
  const auto check = [&](storage::Session& session, Uuid& id) -> Result<std::string> {
    MATRICULA_TRY(const auto credential, verify_credential(session, input.client_id, secret, now));
    if (!credential || !credential->restrictions.allow_address(caller.address)) {
      return fail(invalid_client_credentials());
    }
    id = credential->id;
    return chosen_company(*credential, input.company_id);
  };
  // Looked at before the write, so that guesses never wait for the writer, nor make others wait.
  Uuid credential_id;
  auto company = is_client_secret_text(input.client_secret)
                     ? check(reader, credential_id)
                     : Result<std::string>(fail(invalid_client_credentials()));
  if (!company) {
    if (company.error().code == ErrorCode::kUnauthorized) {
      refusals_.add(caller, {.action = "token.generate"});
    }
    return fail(std::move(company).error());
  }
  const std::string text = new_token_text();
  const Digest digest = secrets_.digest(DigestKind::kToken, text);
  const Uuid id = new_uuid();
  NewToken made;
  auto written = database_.write_aside([&](storage::Session& session) -> Result<void> {
    MATRICULA_TRY(const std::string company_id, check(session, credential_id));
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
    MATRICULA_CHECK(run(session, kTouchCredential, {credential_id.bytes(), now}));
    AuditRow row = audit_row(
        caller, {.action = "token.generate", .target = uuid_text(id), .companies = {company_id}},
        now);
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
  const Principal& principal = caller.principal;
  AuditEvent event{.action = "token.create", .companies = input.company_ids};
  const bool may =
      principal.kind == PrincipalKind::kUser || principal.kind == PrincipalKind::kOperator;
  if (!may || !std::all_of(input.company_ids.begin(), input.company_ids.end(),
                           [&](const std::string& id) { return principal.administers(id); })) {
    return refusals_.refuse(caller, event);
  }
  MATRICULA_CHECK(check_input(input, now));
  const std::string text = new_token_text();
  const Digest digest = secrets_.digest(DigestKind::kToken, text);
  const Uuid id = new_uuid();
  const Uuid author = author_of(principal);
  event.target = uuid_text(id);
  NewToken made;
  auto written = database_.write_aside([&](storage::Session& session) -> Result<void> {
    MATRICULA_CHECK(require_companies(session, input.company_ids));
    MATRICULA_CHECK(insert_token(session, {.id = id,
                                           .digest = digest,
                                           .redacted = redacted_token(text),
                                           .description = input.description,
                                           .created_by = author,
                                           .created_at = now,
                                           .expires_at = input.expires_at}));
    for (const std::string& company : input.company_ids) {
      MATRICULA_CHECK(insert_scope(session, id, {ScopeType::kCompany, company}, author, now));
    }
    MATRICULA_CHECK(write_audit(session, audit_row(caller, event, now)));
    MATRICULA_TRY(made, written_token(session, id, text));
    return {};
  });
  MATRICULA_CHECK(std::move(written));
  return made;
}

Result<void> TokenService::revoke(std::string_view token_id, const Caller& caller) {
  const std::optional<Uuid> id = parse_uuid(token_id);
  const Timestamp now = clock_.now();
  AuditEvent event{.action = "token.revoke", .target = id ? uuid_text(*id) : std::string()};
  auto written = database_.write([&](storage::Session& session) -> Result<void> {
    if (!id) {
      return fail(not_authorized());
    }
    MATRICULA_TRY(const auto token, read_token(session, *id));
    const Principal& principal = caller.principal;
    event.companies = token ? companies_of(*token) : std::vector<std::string>();
    const bool is_maker = token && !token->credential_id &&
                          principal.kind == PrincipalKind::kUser &&
                          token->created_by == uuid_text(principal.user_id);
    if (!token || (!is_maker && !principal.has_staff_rights())) {
      return fail(not_authorized());
    }
    MATRICULA_TRY(const std::int64_t changed, run(session, kRevoke, {id->bytes(), now}));
    return changed == 0 ? Result<void>() : write_audit(session, audit_row(caller, event, now));
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
  auto written = database_.write([&](storage::Session& session) -> Result<void> {
    MATRICULA_TRY(token, read_token(session, *id));
    if (!token) {
      return fail(not_authorized());
    }
    MATRICULA_CHECK(require_companies(session, {company}));
    MATRICULA_CHECK(insert_scope(session, *id, {type, company}, author_of(caller.principal), now));
    MATRICULA_CHECK(write_audit(session, audit_row(caller, event, now)));
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
  auto written = database_.write([&](storage::Session& session) -> Result<void> {
    MATRICULA_TRY(token, read_token(session, *id));
    const std::string wanted = uuid_text(*scope);
    if (!token || std::none_of(token->scopes_history.begin(), token->scopes_history.end(),
                               [&](const auto& action) { return action.scope_id == wanted; })) {
      return fail(not_authorized());
    }
    event.companies = companies_of(*token);
    MATRICULA_CHECK(end_scope(session, *id, *scope, author_of(caller.principal), now));
    MATRICULA_CHECK(write_audit(session, audit_row(caller, event, now)));
    MATRICULA_TRY(token, read_token(session, *id));
    return {};
  });
  MATRICULA_CHECK(refusals_.note(std::move(written), caller, event));
  return std::move(*token);
}

Result<std::vector<Token>> TokenService::list(storage::Session& reader,
                                              const Principal& principal) {
  MATRICULA_TRY(const auto ids, token_ids_of_maker(reader, author_of(principal)));
  std::vector<Token> found;
  for (const Uuid& id : ids) {
    MATRICULA_TRY(auto token, read_token(reader, id));
    if (token) {
      found.push_back(std::move(*token));
    }
  }
  return found;
}

Result<std::vector<Token>> TokenService::list_all(storage::Session& reader,
                                                  std::optional<std::string_view> company_id) {
  MATRICULA_TRY(const auto ids, token_ids(reader, clock_.now()));
  std::vector<Token> found;
  for (const Uuid& id : ids) {
    MATRICULA_TRY(auto token, read_token(reader, id));
    const auto covers = [&](const TokenScope& scope) { return scope.scope_key == *company_id; };
    if (token && (!company_id || std::any_of(token->scopes.begin(), token->scopes.end(), covers))) {
      found.push_back(std::move(*token));
    }
  }
  return found;
}

}  // namespace matricula::auth
