#include "storage/people_search.h"

#include <algorithm>

namespace matricula::storage {
namespace {

constexpr std::size_t kTrigram = 3;
// Up to how many people are few. PostgreSQL looks each of them up in the list, where SQLite walks
// both.
constexpr std::int64_t kPeopleMax = 20'000;
constexpr std::int64_t kPeopleMaxPostgres = 2'000;

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// What pg_trgm takes for a part of a word whatever the locale is.
bool is_of_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

// SQLite: "FTS5", section 4.3.5. PostgreSQL: "F.35. pg_trgm"; what is no letter or digit is in no
// trigram, and a pattern without one would be looked for in the whole index.
bool is_in_trigrams(std::string_view text, sql::Dialect dialect) {
  if (dialect == sql::Dialect::kSqlite) {
    return code_points(text) >= kTrigram;
  }
  return std::search_n(text.begin(), text.end(), kTrigram, true,
                       [](char c, bool is) { return is_of_word(c) == is; }) != text.end();
}

// SQLite: one FTS5 string, quotes doubled ("FTS5", section 3.1). PostgreSQL: a LIKE pattern, its
// own characters escaped.
void make_pattern(std::string_view text, sql::Dialect dialect, std::string& out) {
  const bool is_sqlite = dialect == sql::Dialect::kSqlite;
  const char end = is_sqlite ? '"' : '%';
  const char escape = is_sqlite ? '"' : '\\';
  const std::string_view special = is_sqlite ? "\"" : "%_\\";
  out = end;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) {
      out += escape;
    }
    out += c;
  }
  out += end;
}

Result<bool> finds_few_people(Session& session, sql::Dialect dialect, std::string_view pattern) {
  static const Statement kMatching(
      "SELECT count(*) FROM (SELECT 1 FROM user_search WHERE user_search MATCH ?1 LIMIT ?2)");
  static const Statement kLike(
      "SELECT count(*) FROM (SELECT 1 FROM users WHERE search LIKE ?1 LIMIT ?2) found");
  const bool is_sqlite = dialect == sql::Dialect::kSqlite;
  const std::int64_t people_max = is_sqlite ? kPeopleMax : kPeopleMaxPostgres;
  const Bind binds[] = {pattern, people_max};
  MATRICULA_TRY(const RowsHandle rows, session.query(is_sqlite ? kMatching : kLike, binds));
  MATRICULA_TRY(const bool any, rows->next());
  return any && rows->integer(0) < people_max;
}

}  // namespace matricula::storage
