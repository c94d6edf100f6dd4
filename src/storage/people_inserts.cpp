#include "storage/people_inserts.h"

#include <algorithm>
#include <vector>

namespace matricula::storage {
namespace {

Result<void> insert_row(Session& session, const Statement& insert, std::string_view company,
                        std::span<const Value> row) {
  std::vector<Bind> binds{company};
  for (const Value& value : row) {
    binds.push_back(std::visit([](const auto& each) { return Bind(each); }, value));
  }
  MATRICULA_CHECK(session.execute(insert, binds));
  return {};
}

// Each column of the rows as a list: PostgreSQL copies no rows into tables with row-level security.
Result<void> insert_columns(Session& session, const Statement& insert, std::string_view company,
                            std::span<const Value> rows, std::size_t width) {
  std::vector<std::vector<Value>> columns(width);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    columns[i % width].push_back(rows[i]);
  }
  std::vector<Bind> binds{company};
  for (const std::vector<Value>& column : columns) {
    binds.emplace_back(ValueList{column});
  }
  MATRICULA_CHECK(session.execute(insert, binds));
  return {};
}

// How many columns beside the company there are, and the statements that add a row and many.
struct Inserts {
  std::size_t width;
  Statement one;
  Statement many;
};

Result<void> insert_rows(Session& session, std::string_view company, const Inserts& inserts,
                         std::span<const Value> values) {
  const bool takes_many = session.dialect() == sql::Dialect::kPostgres;
  const std::size_t step = inserts.width * (takes_many ? kPeopleRowsAtOnce : 1);
  while (!values.empty()) {
    const std::span<const Value> rows = values.first(std::min(step, values.size()));
    MATRICULA_CHECK(takes_many ? insert_columns(session, inserts.many, company, rows, inserts.width)
                               : insert_row(session, inserts.one, company, rows));
    values = values.subspan(rows.size());
  }
  return {};
}

}  // namespace

Result<void> insert_people_blocks(Session& session, std::string_view company,
                                  std::span<const Value> values) {
  static const Inserts kBlocks{
      .width = 3,
      .one = Statement("INSERT INTO people_blocks(company_id, first_key, block, people)"
                       " VALUES (?1, ?2, ?3, ?4)"),
      .many = Statement("INSERT INTO people_blocks(company_id, first_key, block, people)"
                        " SELECT ?1, n.first_key, n.block, n.people"
                        " FROM unnest(?2::text[], ?3::bigint[], ?4::bytea[])"
                        " AS n(first_key, block, people)")};
  return insert_rows(session, company, kBlocks, values);
}

Result<void> insert_people_grams(Session& session, std::string_view company,
                                 std::span<const Value> values) {
  static const Inserts kGrams{
      .width = 2,
      .one = Statement("INSERT INTO people_grams(company_id, gram, blocks) VALUES (?1, ?2, ?3)"),
      .many = Statement("INSERT INTO people_grams(company_id, gram, blocks)"
                        " SELECT ?1, n.gram, n.blocks"
                        " FROM unnest(?2::bigint[], ?3::bytea[]) AS n(gram, blocks)")};
  return insert_rows(session, company, kGrams, values);
}

}  // namespace matricula::storage
