#include "storage/people_inserts.h"

#include "storage/row_writes.h"

namespace matricula::storage {
namespace {

// PostgreSQL copies no rows into tables with row-level security.
Result<void> insert_rows(Session& session, std::string_view company, const RowWrites& inserts,
                         std::span<const Value> values) {
  const Bind leading[] = {company};
  return write_rows(session, inserts, leading, values, kPeopleRowsAtOnce);
}

}  // namespace

Result<void> insert_people_blocks(Session& session, std::string_view company,
                                  std::span<const Value> values) {
  static const RowWrites kBlocks{
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
  static const RowWrites kGrams{
      .width = 2,
      .one = Statement("INSERT INTO people_grams(company_id, gram, blocks) VALUES (?1, ?2, ?3)"),
      .many = Statement("INSERT INTO people_grams(company_id, gram, blocks)"
                        " SELECT ?1, n.gram, n.blocks"
                        " FROM unnest(?2::bigint[], ?3::bytea[]) AS n(gram, blocks)")};
  return insert_rows(session, company, kGrams, values);
}

}  // namespace matricula::storage
