#include "portal/api.h"

#include <algorithm>
#include <fmt/format.h>
#include <span>

#include "auth/access/credential_rows.h"
#include "auth/access/limit_overrides.h"
#include "auth/schema/directory.h"
#include "http/url.h"
#include "json/writer.h"
#include "portal/audit_page.h"
#include "portal/limits.h"
#include "portal/names.h"
#include "portal/replies.h"
#include "portal/tokens_page.h"
#include "portal/use.h"

namespace matricula::portal {
namespace {

constexpr std::string_view kPrefix = "/portal/api/companies";
constexpr std::string_view kCredentials = "/credentials";

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
  return http::json_response(200, std::move(body));
}

Result<void> append_limits(std::string& out, storage::Session& reader, const auth::Company& company,
                           std::uint32_t rate_limit, const auth::CompanyCeiling& ceiling) {
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
  // A server without a limit applies no limits of companies and credentials either.
  out += fmt::format(
      R"({{"windowSeconds":60,"requests":{},"ofCompany":{},"companyRequests":{},"credentials":)",
      rate_limit == 0 ? 0 : own.value_or(rate_limit), own.has_value(), ceiling.ceiling_for(own));
  append_list(out, credentials, [&](const auth::LimitOverride& limit) {
    out += '{';
    append_member(out, "id", limit.id);
    out += fmt::format(R"(,"requests":{}}})", limit.limit);
  });
  out += '}';
  return {};
}

// The company of a slug in a path, if the caller administers it.
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

}  // namespace

Result<http::Response> Api::answer(const http::Request& request, const auth::Caller& caller,
                                   storage::Session& reader) const {
  std::string_view path = http::without_slash(request.path);
  if (!path.starts_with(kPrefix)) {
    return nothing_here();
  }
  path.remove_prefix(kPrefix.size());
  if (path.empty()) {
    return request.method == http::Method::kGet ? companies(caller.principal, reader)
                                                : http::method_not_allowed("GET", "Use GET.");
  }
  if (!path.starts_with('/')) {
    return nothing_here();
  }
  path.remove_prefix(1);
  const std::size_t slash = path.find('/');
  MATRICULA_TRY(const auto company, company_at(path.substr(0, slash), caller.principal, reader));
  if (!company) {
    return nothing_here();
  }
  const std::string_view rest =
      slash == std::string_view::npos ? std::string_view() : path.substr(slash);
  return of_company(request, rest, *company, caller, reader);
}

// `rest`: the path after the slug.
Result<http::Response> Api::of_company(const http::Request& request, std::string_view rest,
                                       const auth::Company& company, const auth::Caller& caller,
                                       storage::Session& reader) const {
  const auth::Principal& principal = caller.principal;
  if (rest.starts_with(kCredentials)) {
    return credentials_.answer(request, rest.substr(kCredentials.size()), company, caller, reader);
  }
  if (!rest.empty() && rest != "/audit" && rest != "/tokens") {
    return nothing_here();
  }
  if (request.method != http::Method::kGet) {
    return http::method_not_allowed("GET", "Use GET.");
  }
  if (rest.empty()) {
    return overview(company, principal, reader);
  }
  return rest == "/tokens" ? tokens_page(request.query, company, principal, clock_.now(), reader)
                           : audit_page(request.query, company, principal, reader);
}

Result<http::Response> Api::overview(const auth::Company& company, const auth::Principal& principal,
                                     storage::Session& reader) const {
  Names names(reader, principal, company);
  std::string body = R"({"company":)";
  append_company(body, company);
  body += R"(,"usage":)";
  MATRICULA_CHECK(append_use(body, reader, company.id, clock_.now() / kMicrosPerDay, names));
  body += R"(,"limits":)";
  MATRICULA_CHECK(append_limits(body, reader, company, rate_limit_, ceiling_));
  body += R"(,"dataEndpoints":)";
  append_list(body, auth::kDataEndpoints,
              [&](std::string_view name) { json::append_string(body, name); });
  body += R"(,"restrictions":)";
  MATRICULA_CHECK(credentials_.append_restrictions(body, principal, company, reader));
  body += '}';
  return http::json_response(200, std::move(body));
}

}  // namespace matricula::portal
