#include "portal/audit_page.h"

#include <array>
#include <fmt/format.h>

#include "auth/trail/audit.h"
#include "base/time_text.h"
#include "http/parameters.h"
#include "portal/action_text.h"
#include "portal/names.h"
#include "portal/replies.h"
#include "portal/search.h"

namespace matricula::portal {
namespace {

constexpr std::array<std::string_view, 4> kAuditParameters = {"before", "q", "refused", "rows"};

struct AuditQuery {
  SearchQuery search = {};
  std::int64_t rows_max = 0;
  bool refused = false;
};

// A line with the names in it.
struct Line {
  std::int64_t number = 0;
  auth::AuditRow row = {};
  std::string actor = {};
  std::string target_name = {};
};

Result<AuditQuery> read_audit_query(std::string_view text) {
  MATRICULA_TRY(const auto parameters, http::Parameters::read(text, kAuditParameters));
  AuditQuery query;
  MATRICULA_TRY(query.search, read_search_query(parameters));
  MATRICULA_TRY(const auto rows, parameters.integer("rows", 1, kAuditRowsMax));
  query.rows_max = rows.value_or(kAuditRowsDefault);
  MATRICULA_TRY(query.refused, parameters.flag("refused"));
  return query;
}

// Whether the line is wanted by what is shown of it.
bool is_wanted(const AuditQuery& query, const Line& line) {
  const auth::AuditRow& row = line.row;
  if (query.refused && !row.refused) {
    return false;
  }
  if (query.search.words.is_empty()) {
    return true;
  }
  // To the second: digits that are not shown are not found.
  const std::string at = time_text(row.at - row.at % kMicrosPerSecond);
  return query.search.words.match(
      {at, line.actor, row.action, action_text(row.action), line.target_name, row.detail,
       row.address, row.refused ? "refused" : ""},
      {row.target, row.actor_id});
}

Result<Found<Line>> find_lines(const AuditQuery& query, const auth::Company& company, Names& names,
                               storage::Session& reader) {
  const bool is_search = query.refused || !query.search.words.is_empty();
  const auto read = [&](std::int64_t before, std::int64_t count) -> Result<std::vector<Line>> {
    MATRICULA_TRY(auto rows, auth::read_company_audit(reader, company.id, before, count));
    MATRICULA_CHECK(names.learn(rows));
    std::vector<Line> lines;
    lines.reserve(rows.size());
    for (auth::AuditRow& row : rows) {
      MATRICULA_TRY(std::string actor, names.actor(row));
      MATRICULA_TRY(auto target, names.target(row));
      std::string target_name = target ? std::move(*target) : row.target;
      lines.push_back({.number = row.number,
                       .row = std::move(row),
                       .actor = std::move(actor),
                       .target_name = std::move(target_name)});
    }
    return lines;
  };
  return search<Line>({.before = query.search.before,
                       .rows_max = query.rows_max,
                       .examined_max = kAuditExaminedMax,
                       .at_once = is_search ? kSearchedAtOnce : query.rows_max + 1},
                      read, [&](const Line& line) { return is_wanted(query, line); });
}

void append_line(std::string& out, const Line& line) {
  const auth::AuditRow& row = line.row;
  out += fmt::format(R"({{"number":{})", row.number);
  append_time_member(out, "at", row.at);
  append_member(out, "actor", line.actor);
  append_member(out, "address", row.address);
  append_member(out, "action", row.action);
  append_member(out, "actionText", action_text(row.action));
  append_member(out, "target", row.target);
  append_member(out, "targetName", line.target_name);
  append_member(out, "detail", row.detail);
  out += fmt::format(R"(,"refused":{},"attempts":{})", row.refused, row.attempts);
  append_time_member(out, "lastAt", row.last_at);
  out += '}';
}

}  // namespace

Result<http::Response> audit_page(std::string_view query, const auth::Company& company,
                                  const auth::Principal& viewer, storage::Session& reader) {
  const auto wanted = read_audit_query(query);
  if (!wanted) {
    return http::error_response(400, wanted.error().message);
  }
  Names names(reader, viewer, company);
  MATRICULA_TRY(const auto found, find_lines(*wanted, company, names, reader));
  std::string body = R"({"rows":)";
  append_list(body, found.rows, [&](const Line& line) { append_line(body, line); });
  append_search_end(body, found.next, found.examined);
  return http::json_response(200, std::move(body));
}

}  // namespace matricula::portal
