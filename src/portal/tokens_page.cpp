#include "portal/tokens_page.h"

#include <array>
#include <fmt/format.h>

#include "auth/access/company_tokens.h"
#include "auth/trail/usage.h"
#include "http/parameters.h"
#include "json/writer.h"
#include "portal/names.h"
#include "portal/replies.h"
#include "portal/search.h"

namespace matricula::portal {
namespace {

constexpr std::array<std::string_view, 2> kTokensParameters = {"before", "q"};

// A token with the name of who made it.
struct NamedToken {
  std::int64_t number = 0;
  auth::CompanyToken token = {};
  std::string maker = {};
};

Result<SearchQuery> read_tokens_query(std::string_view text) {
  MATRICULA_TRY(const auto parameters, http::Parameters::read(text, kTokensParameters));
  return read_search_query(parameters);
}

bool is_wanted(const SearchWords& words, const NamedToken& named) {
  const auth::CompanyToken& token = named.token;
  return words.is_empty() || words.match({token.description, token.redacted_token, named.maker},
                                         {token.id, token.created_by});
}

Result<void> append_token(std::string& out, const NamedToken& named, const auth::Company& company,
                          storage::Session& reader) {
  const auth::CompanyToken& token = named.token;
  MATRICULA_TRY(const auto last_use,
                auth::last_use_for_company(reader, *auth::parse_uuid(token.id), company.id));
  out += out.ends_with('[') ? "{" : ",{";
  append_member(out, "id", token.id);
  append_member(out, "redactedToken", token.redacted_token);
  append_member(out, "description", token.description);
  append_member(out, "createdBy", named.maker);
  append_time_member(out, "createdAt", token.created_at);
  append_time_member(out, "expiresAt", token.expires_at);
  append_time_member(out, "lastUsedAt", last_use);
  out += R"(,"scopes":)";
  append_list(out, token.scopes, [&](auth::ScopeType scope) {
    json::append_string(out, auth::scope_type_name(scope));
  });
  out += '}';
  return {};
}

}  // namespace

Result<http::Response> tokens_page(std::string_view query, const auth::Company& company,
                                   const auth::Principal& viewer, Timestamp now,
                                   storage::Session& reader) {
  const auto wanted = read_tokens_query(query);
  if (!wanted) {
    return http::error_response(400, wanted.error().message);
  }
  Names names(reader, viewer, company);
  const auto read = [&](std::int64_t before,
                        std::int64_t count) -> Result<std::vector<NamedToken>> {
    MATRICULA_TRY(auto tokens,
                  auth::tokens_of_company(reader, viewer, company.id,
                                          {.now = now, .before = before, .rows_max = count}));
    MATRICULA_CHECK(names.learn(tokens));
    std::vector<NamedToken> named;
    named.reserve(tokens.size());
    for (auth::CompanyToken& token : tokens) {
      MATRICULA_TRY(std::string maker, names.maker(token));
      named.push_back(
          {.number = token.number, .token = std::move(token), .maker = std::move(maker)});
    }
    return named;
  };
  MATRICULA_TRY(
      const auto found,
      search<NamedToken>({.before = wanted->before,
                          .rows_max = kTokensMax,
                          .examined_max = kTokensExaminedMax,
                          .at_once = wanted->words.is_empty() ? kTokensMax + 1 : kSearchedAtOnce},
                         read,
                         [&](const NamedToken& named) { return is_wanted(wanted->words, named); }));
  std::string body = R"({"tokens":[)";
  for (const NamedToken& named : found.rows) {
    MATRICULA_CHECK(append_token(body, named, company, reader));
  }
  body += ']';
  append_search_end(body, found.next, found.examined);
  return http::json_response(200, std::move(body));
}

}  // namespace matricula::portal
