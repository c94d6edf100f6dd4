#include "storage/postgres/check.h"

#include <fmt/format.h>

#include "storage/limits.h"

namespace matricula::storage::postgres {
namespace {

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> found;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = text.find('\n', start);
    found.push_back(text.substr(start, end - start));
    start = end == std::string_view::npos ? text.size() : end + 1;
  }
  return found;
}

// The rows of a query of one text column, at most kProblemsMax.
Result<std::vector<std::string>> read_lines(Connection& connection, const std::string& query,
                                            Deadline deadline) {
  MATRICULA_TRY(const std::string text,
                connection.read_text(fmt::format("SELECT coalesce(string_agg(line, E'\\n'), '') "
                                                 "FROM ({} LIMIT {}) found(line)",
                                                 query, kProblemsMax),
                                     deadline));
  return lines(text);
}

constexpr std::string_view kUncheckedRules =
    "SELECT format('the rule %s of %s was never checked against the rows', conname, "
    "conrelid::regclass) FROM pg_constraint WHERE connamespace = "
    "quote_ident(current_schema())::regnamespace "
    "AND NOT convalidated";
constexpr std::string_view kOpenTables =
    "SELECT format('the table %s is not held to one company: row-level security is off', "
    "c.oid::regclass) FROM pg_class c WHERE c.relkind IN ('r', 'p') "
    "AND c.relnamespace = quote_ident(current_schema())::regnamespace "
    "AND c.relname IN (SELECT tablename FROM pg_policies WHERE schemaname = current_schema()) "
    "AND NOT (c.relrowsecurity AND c.relforcerowsecurity)";
constexpr std::string_view kTables =
    "SELECT quote_ident(relname) FROM pg_class WHERE relkind IN ('r', 'p') "
    "AND relnamespace = quote_ident(current_schema())::regnamespace ORDER BY relname";

}  // namespace

Result<std::vector<std::string>> find_problems(Connection& connection, Deadline deadline) {
  std::vector<std::string> problems;
  for (const std::string_view query : {kUncheckedRules, kOpenTables}) {
    MATRICULA_TRY(const std::vector<std::string> found,
                  read_lines(connection, std::string(query), deadline));
    problems.insert(problems.end(), found.begin(), found.end());
  }
  MATRICULA_TRY(const std::vector<std::string> tables,
                read_lines(connection, std::string(kTables), deadline));
  for (const std::string& table : tables) {
    // Reads and decompresses every value, so that damaged pages and values are found.
    const Result<std::string> read = connection.read_text(
        fmt::format("SELECT count(md5(row::text)) FROM {} row", table), deadline);
    if (!read && read.error().code == ErrorCode::kCorrupt) {
      problems.push_back(fmt::format("{}: {}", table, read.error().internal));
    } else if (!read) {
      return fail(read.error());
    }
  }
  return problems;
}

}  // namespace matricula::storage::postgres
