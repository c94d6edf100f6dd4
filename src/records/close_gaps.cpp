#include "records/close_gaps.h"

#include <array>
#include <fmt/format.h>
#include <string>
#include <utility>
#include <vector>

#include "records/change_sql.h"
#include "records/limits.h"
#include "records/statement_rows.h"

namespace matricula::records {
namespace {

using storage::Bind;
using storage::ResultSize;
using storage::RowsHandle;
using storage::Session;
using storage::Statement;
using storage::Value;

// Selects `columns`, with the table's number for {}, of all rows that bear a number, by number.
std::string numbered_rows(std::string_view columns, std::string_view condition) {
  std::string text;
  for (std::size_t i = 0; i < kNumberedTables.size(); ++i) {
    text +=
        fmt::format("{}SELECT {} FROM {} WHERE company_id = ?1 AND {}", i == 0 ? "" : " UNION ALL ",
                    fmt::format(fmt::runtime(columns), i), kNumberedTables[i], condition);
  }
  return text + " ORDER BY change_seq";
}

std::string count_sql() {
  std::string sum;
  for (const std::string_view table : kNumberedTables) {
    sum += fmt::format("{}(SELECT count(*) FROM {} WHERE company_id = ?1 AND change_seq > ?2)",
                       sum.empty() ? "SELECT " : " + ", table);
  }
  return sum;
}

struct Statements {
  explicit Statements(sql::Dialect dialect) {
    moves.reserve(kNumberedTables.size());
    for (const std::string_view table : kNumberedTables) {
      // PostgreSQL moves all rows of a table by one statement: each is a round trip.
      moves.emplace_back(
          dialect == sql::Dialect::kSqlite
              ? fmt::format("UPDATE {} SET change_seq = ?3 WHERE company_id = ?1 AND change_seq = "
                            "?2",
                            table)
              : fmt::format("UPDATE {0} SET change_seq = m.to_seq FROM unnest(?2::bigint[], "
                            "?3::bigint[]) AS m(from_seq, to_seq) WHERE {0}.company_id = ?1 AND "
                            "{0}.change_seq = m.from_seq",
                            table));
    }
  }

  Statement count{count_sql()};  // rows with a number beyond ?2
  // The numbers from ?2 to ?3, both excluded and included.
  Statement between{numbered_rows("change_seq", "change_seq > ?2 AND change_seq <= ?3"),
                    ResultSize::kLarge};
  // The numbers beyond ?2, at most ?3 of them, with their table.
  Statement beyond{numbered_rows("change_seq, {} AS place", "change_seq > ?2") + " LIMIT ?3"};
  std::vector<Statement> moves;  // by table: from ?2 to ?3
};

const Statements& statements(sql::Dialect dialect) {
  static const Statements kSqlite(sql::Dialect::kSqlite);
  static const Statements kPostgres(sql::Dialect::kPostgres);
  return dialect == sql::Dialect::kSqlite ? kSqlite : kPostgres;
}

// The first numbers beyond `after`, up to `end`, that no row bears.
Result<std::vector<std::int64_t>> find_gaps(Session& session, std::string_view company,
                                            std::int64_t after, std::int64_t end) {
  std::vector<std::int64_t> gaps;
  const auto add_up_to = [&](std::int64_t number) {
    while (++after < number && gaps.size() < kGapsPerStep) {
      gaps.push_back(after);
    }
  };
  const Bind binds[] = {company, after, end};
  MATRICULA_TRY(const RowsHandle rows, session.query(statements(session.dialect()).between, binds));
  while (gaps.size() < kGapsPerStep) {
    MATRICULA_TRY(const bool is_row, rows->next());
    add_up_to(is_row ? rows->integer(0) : end + 1);
    if (!is_row) {
      break;
    }
  }
  return gaps;
}

// Gives the rows of one table that bear the numbers `from` the numbers `to`.
Result<void> move_rows(Session& session, const Statement& move, std::string_view company,
                       const std::vector<Value>& from, const std::vector<Value>& to) {
  if (session.dialect() == sql::Dialect::kPostgres) {
    const Bind binds[] = {company, storage::ValueList{from}, storage::ValueList{to}};
    MATRICULA_CHECK(session.execute(move, binds));
    return {};
  }
  for (std::size_t i = 0; i < from.size(); ++i) {
    const Bind binds[] = {company, std::get<std::int64_t>(from[i]), std::get<std::int64_t>(to[i])};
    MATRICULA_CHECK(session.execute(move, binds));
  }
  return {};
}

// Moves the rows with numbers beyond `end` into the gaps, of which there are as many or fewer.
Result<void> fill(Session& session, std::string_view company, std::int64_t end,
                  const std::vector<std::int64_t>& gaps) {
  struct Moves {
    std::vector<Value> from = {};
    std::vector<Value> to = {};
  };
  std::array<Moves, kNumberedTables.size()> moves;
  const Bind binds[] = {company, end, static_cast<std::int64_t>(gaps.size())};
  {
    MATRICULA_TRY(const RowsHandle rows,
                  session.query(statements(session.dialect()).beyond, binds));
    for (const std::int64_t gap : gaps) {
      MATRICULA_TRY(const bool is_row, rows->next());
      if (!is_row) {
        return fail(ErrorCode::kCorrupt, "Two rows of a company bear the same number.");
      }
      Moves& of_table = moves[static_cast<std::size_t>(rows->integer(1))];
      of_table.from.emplace_back(rows->integer(0));
      of_table.to.emplace_back(gap);
    }
  }
  for (std::size_t i = 0; i < moves.size(); ++i) {
    if (!moves[i].from.empty()) {
      MATRICULA_CHECK(move_rows(session, statements(session.dialect()).moves[i], company,
                                moves[i].from, moves[i].to));
    }
  }
  return {};
}

}  // namespace

Result<std::int64_t> close_gaps(Session& session, std::string_view company, std::int64_t first,
                                std::int64_t last) {
  MATRICULA_TRY(const std::optional<std::int64_t> rows,
                one_integer(session, statements(session.dialect()).count, {company, first}));
  const std::int64_t end = first + rows.value_or(0);
  if (end == last) {
    return last;
  }
  for (std::int64_t dense = first; dense < end;) {
    MATRICULA_TRY(const std::vector<std::int64_t> gaps, find_gaps(session, company, dense, end));
    MATRICULA_CHECK(fill(session, company, end, gaps));
    dense = gaps.size() < kGapsPerStep ? end : gaps.back();
  }
  return end;
}

}  // namespace matricula::records
