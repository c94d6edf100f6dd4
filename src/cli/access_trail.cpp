#include <algorithm>
#include <fmt/format.h>
#include <limits>

#include "auth/access/limit_overrides.h"
#include "auth/schema/directory.h"
#include "auth/secrets/secret_text.h"
#include "auth/trail/audit.h"
#include "base/clock.h"
#include "base/time_text.h"
#include "cli/access.h"
#include "cli/access_text.h"
#include "cli/ids.h"
#include "cli/list_output.h"
#include "cli/options.h"
#include "ratelimit/limiter.h"
#include "server/config.h"

namespace matricula::cli {
namespace {

// The id of what a limit is for, which may not exist any more.
Result<std::string> subject_id(storage::Session& reader, auth::LimitSubject subject,
                               const std::string& text) {
  const bool is_company = subject == auth::LimitSubject::kCompany;
  Result<std::string> id = is_company ? company_id(reader, text) : credential_id(reader, text);
  if (id || id.error().code != ErrorCode::kNotFound) {
    return id;
  }
  MATRICULA_TRY(const auto limits, auth::list_limits(reader));
  const bool is_there = std::ranges::any_of(limits, [&](const auth::LimitOverride& each) {
    return each.subject == subject && each.id == text;
  });
  return is_there ? Result<std::string>(text) : id;
}

Result<void> check_subject(const Context& context, Options& options) {
  const bool is_one = keep_stronger<std::string, std::string>(
      context.given, {"company", options.company}, {"credential", options.credential});
  return is_one && options.company.empty() != options.credential.empty()
             ? Result<void>()
             : fail(ErrorCode::kUsage, "give one of --company and --credential");
}

Result<auth::LimitOverride> limit_of(const Options& options, Access& access) {
  const bool company = !options.company.empty();
  const auth::LimitSubject subject =
      company ? auth::LimitSubject::kCompany : auth::LimitSubject::kCredential;
  MATRICULA_TRY(const auto reader, access.database.open_reader());
  MATRICULA_TRY(std::string id,
                subject_id(*reader, subject, company ? options.company : options.credential));
  return auth::LimitOverride{.subject = subject, .id = std::move(id), .limit = options.limit};
}

Result<int> limits_set(Context& context, const Options& options, Access& access) {
  MATRICULA_TRY(const auth::LimitOverride limit, limit_of(options, access));
  MATRICULA_CHECK(auth::set_limit(access.database, access.clock, limit, access.caller()));
  say(context, "{}",
      limit.limit == 0 ? fmt::format("{}: no limit", limit.id)
                       : fmt::format("{}: {} requests in 60 seconds", limit.id, limit.limit));
  return 0;
}

Result<int> limits_clear(Context& context, const Options& options, Access& access) {
  MATRICULA_TRY(const auth::LimitOverride limit, limit_of(options, access));
  MATRICULA_CHECK(
      auth::clear_limit(access.database, access.clock, limit.subject, limit.id, access.caller()));
  say(context, "{}", fmt::format("{}: the server's limit", limit.id));
  return 0;
}

Result<int> limits_list(Context& context, const Options&, Access& access) {
  MATRICULA_TRY(const auto reader, access.database.open_reader());
  MATRICULA_TRY(const auto list, auth::list_limits(*reader));
  print_list(context, list, limit_text);
  return 0;
}

std::optional<std::string> given(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

// The id in the trail for what a person typed: for a client id, the id of its credential. Any other
// text is taken for an id, since the trail also has ids that do not exist any more.
Result<std::optional<std::string>> trail_id(storage::Session& reader, const std::string& text) {
  if (text.starts_with(auth::kClientIdPrefix)) {
    MATRICULA_TRY(std::string id, credential_id(reader, text));
    return std::optional(std::move(id));
  }
  return given(text);
}

// A point in time as RFC 3339 or as a date, which means its midnight in UTC.
Result<std::optional<Timestamp>> time_of(std::string_view option, const std::string& text) {
  if (text.empty()) {
    return std::optional<Timestamp>();
  }
  constexpr std::size_t kDateBytes = std::string_view("2026-03-01").size();
  const auto time = parse_time(text.size() == kDateBytes ? text + "T00:00:00Z" : text);
  if (!time) {
    return fail(
        ErrorCode::kUsage,
        fmt::format("{} {}: not a time such as 2026-03-01T08:00:00Z or 2026-03-01", option, text));
  }
  return time;
}

Result<int> audit(Context& context, const Options& options, Access& access) {
  MATRICULA_TRY(const auto reader, access.database.open_reader());
  MATRICULA_TRY(const auto company, company_of(*reader, options));
  MATRICULA_TRY(const auto actor, trail_id(*reader, options.actor));
  MATRICULA_TRY(const auto target, trail_id(*reader, options.target));
  auth::AuditFilter filter{.actor_id = actor,
                           .action = given(options.action),
                           .target = target,
                           .company_id = company,
                           .rows_max = options.rows};
  MATRICULA_TRY(filter.from, time_of("--since", options.since));
  MATRICULA_TRY(filter.to, time_of("--until", options.until));
  if (options.refused) {
    filter.refused = true;
  }
  MATRICULA_TRY(const auto rows, auth::read_audit(*reader, filter));
  print_list(context, rows, audit_text);
  return 0;
}

Result<int> audit_prune(Context& context, const Options& options, Access& access) {
  const Timestamp now = access.clock.now();
  MATRICULA_CHECK(access.database.require_all_companies());
  const Timestamp before = now - options.audit_days * kMicrosPerDay;
  std::int64_t dropped = 0;
  while (true) {
    MATRICULA_TRY(const std::int64_t count,
                  auth::drop_audit(access.database, {.before = before, .now = now}));
    dropped += count;
    if (count < auth::kAuditDropsPerTransaction) {
      break;
    }
  }
  say(context, fmt::format(R"({{"deleted":{}}})", dropped),
      fmt::format("{} lines deleted", dropped));
  return 0;
}

Result<int> company_list(Context& context, const Options&, Access& access) {
  MATRICULA_TRY(const auto reader, access.database.open_reader());
  MATRICULA_TRY(const auto companies,
                auth::list_companies(*reader, std::numeric_limits<std::int64_t>::max()));
  print_list(context, companies, company_text);
  return 0;
}

void add_limits(CLI::App& app, Commands& commands) {
  Options& options = commands.options();
  CLI::App& limits =
      commands.group(app, {.name = "limits",
                           .summary = "Rate limits of single companies and credentials.",
                           .example = "matricula limits set --company acme --requests 1000"});
  CLI::App& set = commands.add(limits,
                               {.name = "set",
                                .summary = "Sets a limit in place of the server's.",
                                .example = "matricula limits set --company acme --requests 1000"},
                               limits_set, {.check = check_subject});
  add_number(set, "--requests", options.limit, {0, ratelimit::kLimitMax},
             "requests in any 60 seconds; 0: no limit")
      .default_str("")
      ->required();
  CLI::App& clear = commands.add(limits,
                                 {.name = "clear",
                                  .summary = "Goes back to the server's limit.",
                                  .example = "matricula limits clear --company acme"},
                                 limits_clear, {.check = check_subject});
  for (CLI::App* each : {&set, &clear}) {
    each->add_option("--company", options.company, "of this company: its id or its slug")
        ->type_name("ID");
    each->add_option("--credential", options.credential,
                     "of this credential: its id or its client id")
        ->type_name("ID");
  }
  commands.add(limits,
               {.name = "list",
                .summary = "Lists the limits that are not the server's.",
                .example = "matricula limits list --json"},
               limits_list);
}

void add_audit(CLI::App& app, Commands& commands) {
  Options& options = commands.options();
  CLI::App& trail = commands.add(
      app,
      {.name = "audit",
       .summary = "Shows who did what, newest first.",
       .example = "matricula audit --company acme --since 2026-03-01 --action token. --json"},
      audit);
  trail.add_option("--actor", options.actor, "the id of a user, token or credential who did it")
      ->type_name("ID");
  trail.add_option("--action", options.action, "such as token.create, or token. for all of them")
      ->type_name("NAME");
  trail.add_option("--target", options.target, "the id of what was acted on")->type_name("ID");
  trail.add_option("--company", options.company, "a company that it concerns: its id or its slug")
      ->type_name("ID");
  trail.add_option("--since", options.since, "a time or a date (UTC), inclusive")
      ->type_name("TIME");
  trail.add_option("--until", options.until, "a time or a date (UTC), exclusive")
      ->type_name("TIME");
  trail.add_flag("--refused", options.refused, "refused attempts alone");
  add_number(trail, "--rows", options.rows, {1, 1'000'000}, "print at most so many lines");
  CLI::App& prune = commands.add(trail,
                                 {.name = "prune",
                                  .summary = "Deletes old lines of the audit trail.",
                                  .example = "matricula audit prune --audit-days 400"},
                                 audit_prune);
  add_number(prune, "--audit-days", options.audit_days, {1, server::kAuditDaysMax},
             "days whose lines are kept")
      .default_str("")
      ->required();
}

}  // namespace

void add_trail(CLI::App& app, Commands& commands) {
  add_limits(app, commands);
  add_audit(app, commands);
  CLI::App& company = commands.group(app, {.name = "company",
                                           .summary = "The companies of the store.",
                                           .example = "matricula company list"});
  commands.add(company,
               {.name = "list",
                .summary = "Lists the companies by slug.",
                .example = "matricula company list --json"},
               company_list);
}

}  // namespace matricula::cli
