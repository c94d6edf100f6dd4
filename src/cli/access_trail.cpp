#include <fmt/format.h>

#include "auth/access/limit_overrides.h"
#include "auth/trail/audit.h"
#include "base/time_text.h"
#include "cli/access.h"
#include "cli/access_text.h"

namespace matricula::cli {
namespace {

Result<auth::LimitOverride> limit_of(const Options& options) {
  if (options.company.empty() == options.credential.empty()) {
    return fail(ErrorCode::kUsage, "give one of --company and --credential");
  }
  const bool company = !options.company.empty();
  return auth::LimitOverride{
      .subject = company ? auth::LimitSubject::kCompany : auth::LimitSubject::kCredential,
      .id = company ? options.company : options.credential,
      .limit = options.limit};
}

Result<int> limits_set(Context& context, const Options& options, Access& access) {
  MATRICULA_TRY(const auth::LimitOverride limit, limit_of(options));
  MATRICULA_CHECK(auth::set_limit(access.database, context.clock, limit, access.caller()));
  say(context, "{}", fmt::format("{}: {} requests in 60 seconds", limit.id, limit.limit));
  return 0;
}

Result<int> limits_clear(Context& context, const Options& options, Access& access) {
  MATRICULA_TRY(const auth::LimitOverride limit, limit_of(options));
  MATRICULA_CHECK(
      auth::clear_limit(access.database, context.clock, limit.subject, limit.id, access.caller()));
  say(context, "{}", fmt::format("{}: the server's limit", limit.id));
  return 0;
}

Result<int> limits_list(Context&, const Options&, Access& access) {
  MATRICULA_TRY(const auto reader, access.database.open_reader());
  MATRICULA_TRY(const auto list, auth::list_limits(*reader));
  print_lines(list, limit_text);
  return 0;
}

std::optional<std::string> given(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

// A point in time as RFC 3339 or as a date, which means its midnight in UTC.
Result<std::optional<Timestamp>> time_of(std::string_view option, const std::string& text) {
  if (text.empty()) {
    return std::optional<Timestamp>();
  }
  const auto time =
      parse_time(text.find('T') == std::string_view::npos ? text + "T00:00:00Z" : text);
  if (!time) {
    return fail(
        ErrorCode::kUsage,
        fmt::format("{} {}: not a time such as 2026-03-01T08:00:00Z or 2026-03-01", option, text));
  }
  return time;
}

Result<int> audit(Context&, const Options& options, Access& access) {
  auth::AuditFilter filter{.actor_id = given(options.actor),
                           .action = given(options.action),
                           .target = given(options.target),
                           .company_id = given(options.company),
                           .rows_max = options.rows};
  MATRICULA_TRY(filter.from, time_of("--since", options.since));
  MATRICULA_TRY(filter.to, time_of("--until", options.until));
  if (options.refused) {
    filter.refused = true;
  }
  MATRICULA_TRY(const auto reader, access.database.open_reader());
  MATRICULA_TRY(const auto rows, auth::read_audit(*reader, filter));
  print_lines(rows, audit_text);
  return 0;
}

}  // namespace

void add_trail(CLI::App& app, Commands& commands) {
  Options& options = commands.options();
  CLI::App& limits = Commands::group(app, "limits", "rate limits of companies and credentials");
  CLI::App& set = commands.add(limits, "set", "in place of the server's", limits_set);
  set.add_option("--requests", options.limit, "in any 60 seconds; 0: no limit")->required();
  CLI::App& clear = commands.add(limits, "clear", "back to the server's", limits_clear);
  for (CLI::App* each : {&set, &clear}) {
    each->add_option("--company", options.company);
    each->add_option("--credential", options.credential);
  }
  commands.add(limits, "list", "a line each", limits_list);
  CLI::App& trail = commands.add(app, "audit", "who did what, newest first, a line each", audit);
  trail.add_option("--actor", options.actor, "a user's, token's or credential's id");
  trail.add_option("--action", options.action, "such as token.create, or token. for all of them");
  trail.add_option("--target", options.target, "the id of what was acted on");
  trail.add_option("--company", options.company, "a company that it concerns");
  trail.add_option("--since", options.since, "a time or a date (UTC), inclusive");
  trail.add_option("--until", options.until, "a time or a date (UTC), exclusive");
  trail.add_flag("--refused", options.refused, "refused attempts alone");
  trail.add_option("--rows", options.rows, "at most")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000}))
      ->capture_default_str();
}

}  // namespace matricula::cli
