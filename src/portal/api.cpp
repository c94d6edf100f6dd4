#include "portal/api.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <span>

#include "auth/access/company_tokens.h"
#include "auth/access/credential_rows.h"
#include "auth/access/limit_overrides.h"
#include "auth/schema/directory.h"
#include "auth/trail/audit.h"
#include "auth/trail/usage.h"
#include "http/url.h"
#include "json/writer.h"

namespace matricula::portal {
namespace {

constexpr std::string_view kPrefix = "/portal/api/companies";
constexpr Timestamp kMicrosPerDay = 86'400'000'000;

http::Response json_reply(std::string body) {
  http::Response response{
      .status = 200, .content_type = "application/json; charset=utf-8", .body = std::move(body)};
  response.headers.add("Cache-Control", "no-store");
  return response;
}

http::Response nothing_here() {
  return http::error_response(404, "There is nothing at this path.");
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out += fmt::format("{}\"{}\":", out.ends_with('{') ? "" : ",", name);
  json::append_string(out, text);
}

void append_optional_time(std::string& out, std::optional<Timestamp> time) {
  if (time) {
    json::append_time(out, *time);
  } else {
    out += "null";
  }
}

void append_company(std::string& out, const auth::Company& company) {
  out += '{';
  append_member(out, "id", company.id);
  append_member(out, "slug", company.slug);
  append_member(out, "name", company.name);
  out += '}';
}

// Calls `append(element)` for each, with commas between.
template <typename List, typename Append>
void append_list(std::string& out, const List& list, Append&& append) {
  out += '[';
  bool first = true;
  for (const auto& element : list) {
    out += first ? "" : ",";
    first = false;
    append(element);
  }
  out += ']';
}

Result<http::Response> companies(const auth::Principal& principal, storage::Session& reader) {
  std::vector<auth::Company> found;
  if (principal.has_staff_rights()) {
    MATRICULA_TRY(found, auth::list_companies(reader, kCompaniesMax + 1));
  } else {
    for (const std::string& id : principal.admin_of) {
      MATRICULA_TRY(auto company, auth::find_company(reader, id));
      if (company) {
        found.push_back(std::move(*company));
      }
    }
    std::ranges::sort(found, {}, &auth::Company::slug);
  }
  const bool more = found.size() > static_cast<std::size_t>(kCompaniesMax);
  if (more) {
    found.resize(static_cast<std::size_t>(kCompaniesMax));
  }
  std::string body = R"({"companies":)";
  append_list(body, found, [&](const auth::Company& company) { append_company(body, company); });
  body += fmt::format(R"(,"more":{}}})", more);
  return json_reply(std::move(body));
}

std::string day_text(std::int64_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

// One entry a day: a day that is not in `days` had no requests.
void append_usage(std::string& out, const std::vector<auth::UseDay>& days, std::int64_t today) {
  std::vector<auth::UseDay> all;
  for (std::int64_t day = today - kUsageDays + 1; day <= today; ++day) {
    const auto found = std::ranges::find(days, day, &auth::UseDay::day);
    all.push_back(found == days.end() ? auth::UseDay{.day = day} : *found);
  }
  append_list(out, all, [&](const auth::UseDay& day) {
    out += fmt::format(R"({{"day":"{}","answered":{},"refused":{}}})", day_text(day.day),
                       day.answered, day.refused);
  });
}

Result<void> append_limits(std::string& out, storage::Session& reader, const auth::Company& company,
                           std::uint32_t rate_limit) {
  MATRICULA_TRY(const auto all, auth::list_limits(reader));
  MATRICULA_TRY(const auto ids, auth::credential_ids_of(reader, std::span(&company.id, 1)));
  std::optional<std::uint32_t> own;
  std::vector<auth::LimitOverride> credentials;
  for (const auth::LimitOverride& limit : all) {
    switch (limit.subject) {
      case auth::LimitSubject::kCompany:
        if (limit.id == company.id) {
          own = limit.limit;
        }
        break;
      case auth::LimitSubject::kCredential:
        if (std::ranges::any_of(
                ids, [&](const auth::Uuid& id) { return auth::uuid_text(id) == limit.id; })) {
          credentials.push_back(limit);
        }
        break;
    }
  }
  // A server without limits has no others either.
  out += fmt::format(R"({{"windowSeconds":60,"requests":{},"ofCompany":{},"credentials":)",
                     rate_limit == 0 ? 0 : own.value_or(rate_limit), own.has_value());
  append_list(out, credentials, [&](const auth::LimitOverride& limit) {
    out += '{';
    append_member(out, "id", limit.id);
    out += fmt::format(R"(,"requests":{}}})", limit.limit);
  });
  out += '}';
  return {};
}

// The company of a slug, as it stands in a path, if the caller administers it.
Result<std::optional<auth::Company>> company_at(std::string_view encoded_slug,
                                                const auth::Principal& principal,
                                                storage::Session& reader) {
  const auto slug = http::percent_decode(encoded_slug);
  if (!slug) {
    return std::nullopt;
  }
  MATRICULA_TRY(auto company, auth::find_company_by_slug(reader, *slug));
  return company && principal.administers(company->id) ? std::move(company) : std::nullopt;
}

// The number after `before=`; nothing for a query that is anything else, the largest for none.
std::optional<std::int64_t> before_of(std::string_view query) {
  if (query.empty()) {
    return std::numeric_limits<std::int64_t>::max();
  }
  constexpr std::string_view kName = "before=";
  std::int64_t number = 0;
  if (!query.starts_with(kName)) {
    return std::nullopt;
  }
  query.remove_prefix(kName.size());
  const char* end = query.data() + query.size();
  const auto [parsed, error] = std::from_chars(query.data(), end, number);
  return error == std::errc() && parsed == end ? std::optional(number) : std::nullopt;
}

// Who acted, for people: an e-mail address where the user is known.
class ActorNames {
 public:
  explicit ActorNames(storage::Session& reader) : reader_(reader) {}

  Result<std::string> name(const auth::AuditRow& row) {
    const auto id = auth::parse_uuid(row.actor_id);
    if (row.actor_kind != "user" || !id) {
      return row.actor_id.empty() ? row.actor_kind : row.actor_kind + " " + row.actor_id;
    }
    if (const auto known = names_.find(row.actor_id); known != names_.end()) {
      return known->second;
    }
    MATRICULA_TRY(const auto person, auth::find_person(reader_, *id));
    return names_.emplace(row.actor_id, person ? person->email : "user " + row.actor_id)
        .first->second;
  }

  Result<std::string> maker(const auth::CompanyToken& token) {
    static const std::string kOperator = auth::uuid_text({});
    auth::AuditRow row;
    row.actor_kind = token.credential_id             ? "credential"
                     : token.created_by == kOperator ? "operator"
                                                     : "user";
    row.actor_id = row.actor_kind == "operator" ? std::string() : token.created_by;
    return name(row);
  }

 private:
  storage::Session& reader_;
  std::map<std::string, std::string> names_;
};

Result<http::Response> audit(const auth::Company& company, std::int64_t before,
                             storage::Session& reader) {
  MATRICULA_TRY(auto rows, auth::read_audit(reader, {.company_id = company.id,
                                                     .before = before,
                                                     .rows_max = kAuditRowsMax + 1}));
  const bool more = rows.size() > static_cast<std::size_t>(kAuditRowsMax);
  if (more) {
    rows.resize(static_cast<std::size_t>(kAuditRowsMax));
  }
  ActorNames names(reader);
  std::string body = R"({"rows":[)";
  for (const auth::AuditRow& row : rows) {
    MATRICULA_TRY(const std::string actor, names.name(row));
    body += fmt::format(R"({}{{"number":{},"at":)", body.ends_with('[') ? "" : ",", row.number);
    json::append_time(body, row.at);
    append_member(body, "actor", actor);
    append_member(body, "address", row.address);
    append_member(body, "action", row.action);
    append_member(body, "target", row.target);
    append_member(body, "detail", row.detail);
    body += fmt::format(R"(,"refused":{},"attempts":{},"lastAt":)", row.refused, row.attempts);
    append_optional_time(body, row.last_at);
    body += '}';
  }
  body += fmt::format(R"(],"more":{}}})", more);
  return json_reply(std::move(body));
}

Result<http::Response> tokens(const auth::Company& company, const auth::Principal& viewer,
                              Timestamp now, storage::Session& reader) {
  MATRICULA_TRY(auto found,
                auth::tokens_of_company(reader, viewer, company.id, now, kTokensMax + 1));
  const bool more = found.size() > static_cast<std::size_t>(kTokensMax);
  if (more) {
    found.resize(static_cast<std::size_t>(kTokensMax));
  }
  ActorNames names(reader);
  std::string body = R"({"tokens":[)";
  for (const auth::CompanyToken& token : found) {
    MATRICULA_TRY(const std::string maker, names.maker(token));
    body += body.ends_with('[') ? "{" : ",{";
    append_member(body, "id", token.id);
    append_member(body, "redactedToken", token.redacted_token);
    append_member(body, "description", token.description);
    append_member(body, "createdBy", maker);
    body += R"(,"createdAt":)";
    json::append_time(body, token.created_at);
    body += R"(,"expiresAt":)";
    append_optional_time(body, token.expires_at);
    body += R"(,"lastUsedAt":)";
    append_optional_time(body, token.last_used_at);
    body += R"(,"scopes":)";
    append_list(body, token.scopes, [&](auth::ScopeType scope) {
      json::append_string(body, auth::scope_type_name(scope));
    });
    body += '}';
  }
  body += fmt::format(R"(],"more":{}}})", more);
  return json_reply(std::move(body));
}

http::Response method_not_allowed(std::string_view allowed) {
  http::Response response = http::error_response(405, fmt::format("Use {}.", allowed));
  response.headers.add("Allow", std::string(allowed));
  return response;
}

// ID of the path /credentials/ID/withdraw.
std::optional<std::string_view> withdrawn_credential(std::string_view path) {
  constexpr std::string_view kStart = "/credentials/";
  constexpr std::string_view kEnd = "/withdraw";
  if (!path.starts_with(kStart) || !path.ends_with(kEnd) ||
      path.size() <= kStart.size() + kEnd.size()) {
    return std::nullopt;
  }
  return path.substr(kStart.size(), path.size() - kStart.size() - kEnd.size());
}

}  // namespace

Result<http::Response> Api::answer(const http::Request& request, const auth::Principal& principal,
                                   storage::Session& reader) const {
  std::string_view path = request.path;
  if (!path.starts_with(kPrefix)) {
    return nothing_here();
  }
  path.remove_prefix(kPrefix.size());
  if (path.empty()) {
    return request.method == http::Method::kGet ? companies(principal, reader)
                                                : method_not_allowed("GET");
  }
  if (!path.starts_with('/')) {
    return nothing_here();
  }
  path.remove_prefix(1);
  const std::size_t slash = path.find('/');
  MATRICULA_TRY(const auto company, company_at(path.substr(0, slash), principal, reader));
  if (!company) {
    return nothing_here();
  }
  const std::string_view rest =
      slash == std::string_view::npos ? std::string_view() : path.substr(slash);
  return of_company(request, rest, *company, principal, reader);
}

// `rest`: the path after the slug.
Result<http::Response> Api::of_company(const http::Request& request, std::string_view rest,
                                       const auth::Company& company,
                                       const auth::Principal& principal,
                                       storage::Session& reader) const {
  if (const auto credential_id = withdrawn_credential(rest)) {
    return request.method == http::Method::kPost
               ? withdraw(*credential_id, company,
                          {.principal = principal, .address = std::string(request.remote_address)})
               : method_not_allowed("POST");
  }
  if (!rest.empty() && rest != "/audit" && rest != "/tokens") {
    return nothing_here();
  }
  if (request.method != http::Method::kGet) {
    return method_not_allowed("GET");
  }
  if (rest.empty()) {
    return overview(company, reader);
  }
  if (rest == "/tokens") {
    return tokens(company, principal, clock_.now(), reader);
  }
  const auto before = before_of(request.query);
  return before ? audit(company, *before, reader)
                : Result<http::Response>(
                      http::error_response(400, "The query may only be before=NUMBER."));
}

Result<http::Response> Api::overview(const auth::Company& company, storage::Session& reader) const {
  const std::int64_t today = clock_.now() / kMicrosPerDay;
  MATRICULA_TRY(const auto days, auth::uses_of_company(reader, company.id, today - kUsageDays + 1));
  std::string body = R"({"company":)";
  append_company(body, company);
  body += R"(,"usage":{"days":)";
  append_usage(body, days, today);
  body += R"(},"limits":)";
  MATRICULA_CHECK(append_limits(body, reader, company, rate_limit_));
  body += '}';
  return json_reply(std::move(body));
}

// A credential that does not cover the company is answered as one that does not exist.
Result<http::Response> Api::withdraw(std::string_view credential_id, const auth::Company& company,
                                     const auth::Caller& caller) const {
  const auto withdrawn = credentials_.withdraw(credential_id, company.id, caller);
  if (!withdrawn && withdrawn.error().code == ErrorCode::kUnauthorized) {
    return nothing_here();
  }
  return withdrawn ? Result<http::Response>(http::Response{.status = 204})
                   : fail(withdrawn.error());
}

}  // namespace matricula::portal
