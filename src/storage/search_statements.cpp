#include "storage/search_statements.h"

#include <fmt/format.h>
#include <string>

namespace matricula::storage {
namespace {

// The bound on a batch that PostgreSQL plans for.
constexpr int kPlannedBatch = 256;

// A range of first keys, and its order. Its bound is computed by a subquery of its own, because
// PostgreSQL evaluates row-level security before all other conditions.
struct KeyRange {
  std::string from;
  std::string order;
};

KeyRange key_range(std::size_t place) {
  const bool is_forwards = place < 2;
  const bool is_continued = place % 2 != 0;
  if (is_continued) {
    return {is_forwards ? "> ?2" : "< ?2", is_forwards ? "" : " DESC"};
  }
  return is_forwards ? KeyRange{">= (SELECT coalesce(max(c.first_key), '') FROM people_blocks c"
                           " WHERE c.company_id = ?1 AND c.first_key <= ?2)",
                           ""}
                     : KeyRange{"<= (SELECT CASE WHEN ?2 = '' THEN (SELECT max(c.first_key)"
                           " FROM people_blocks c WHERE c.company_id = ?1) ELSE ?2 END)",
                           " DESC"};
}

std::string order_text(std::size_t place) {
  const KeyRange range = key_range(place);
  return fmt::format(
      "SELECT d.first_key, d.block FROM people_blocks d"
      " WHERE d.company_id = ?1 AND d.first_key {} ORDER BY d.first_key{}",
      range.from, range.order);
}

std::string few_text(std::size_t place) {
  const KeyRange range = key_range(place);
  return fmt::format(
      "SELECT d.first_key, d.people FROM people_blocks d WHERE d.company_id = ?1 AND d.first_key"
      " {} AND d.block = ANY(?3) ORDER BY d.first_key{} LIMIT ?4",
      range.from, range.order);
}

std::string many_text(std::size_t place) {
  const KeyRange range = key_range(place);
  return fmt::format(
      "SELECT k.first_key, b.people FROM (SELECT * FROM (SELECT d.first_key, d.block"
      " FROM people_blocks d WHERE d.company_id = ?1 AND d.first_key {} AND CASE WHEN d.block < ?4"
      " THEN get_byte(?3, (d.block / 8)::int) >> (d.block % 8)::int & 1 ELSE 0 END = 1"
      " ORDER BY d.first_key{} LIMIT {}) k LIMIT ?5) k JOIN people_blocks b"
      " ON b.company_id = ?1 AND b.block = k.block ORDER BY k.first_key{}",
      range.from, range.order, kPlannedBatch, range.order);
}

template <typename Text>
std::array<Statement, 4> four(const Text& text) {
  return {Statement(text(0)), Statement(text(1)), Statement(text(2)), Statement(text(3))};
}

}  // namespace

SearchStatements::SearchStatements(sql::Dialect dialect)
    : grams("SELECT blocks FROM people_grams WHERE company_id = ?1 AND " +
            sql::in_list("gram", "?2", dialect) +
            " UNION ALL SELECT NULL WHERE EXISTS (SELECT 1 FROM company_people"
            " WHERE company_id = ?1 AND is_pending = 1)"),
      places("SELECT first_key, block FROM people_blocks WHERE company_id = ?1 AND " +
             sql::in_list("block", "?2", dialect)),
      people("SELECT people FROM people_blocks WHERE company_id = ?1 AND block = ?2"),
      orders_(four(order_text)),
      few_(four(few_text)),
      many_(four(many_text)) {}

const SearchStatements& search_statements(sql::Dialect dialect) {
  static const SearchStatements kSqlite(sql::Dialect::kSqlite);
  static const SearchStatements kPostgres(sql::Dialect::kPostgres);
  return dialect == sql::Dialect::kSqlite ? kSqlite : kPostgres;
}

}  // namespace matricula::storage
