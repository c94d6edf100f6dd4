#pragma once

#include "sql/list_text.h"
#include "storage/database.h"

namespace matricula::storage {

// What the index of people is kept with.
struct PeopleStatements {
  explicit PeopleStatements(sql::Dialect dialect)
      : blocks("SELECT block, people FROM people_blocks WHERE company_id = ?1 AND " +
               sql::in_list("block", "?2", dialect)),
        remove_blocks("DELETE FROM people_blocks WHERE company_id = ?1 AND " +
                      sql::in_list("block", "?2", dialect)),
        grams_of("SELECT gram, blocks FROM people_grams WHERE company_id = ?1 AND " +
                 sql::in_list("gram", "?2", dialect)),
        remove_grams("DELETE FROM people_grams WHERE company_id = ?1 AND " +
                     sql::in_list("gram", "?2", dialect)) {}

  const Statement companies{
      "SELECT DISTINCT company_id FROM company_people WHERE is_pending = 1 ORDER BY company_id"};
  const Statement sizes{
      "SELECT count(*),"
      " coalesce((SELECT people FROM people_index WHERE company_id = ?1), 0),"
      " coalesce((SELECT blocks FROM people_index WHERE company_id = ?1), 0),"
      " coalesce((SELECT changes FROM people_index WHERE company_id = ?1), 0)"
      " FROM company_people WHERE company_id = ?1 AND is_pending = 1"};
  const Statement everyone{
      "SELECT u.id, u.search FROM company_people c JOIN users u ON u.id = c.user_id"
      " WHERE c.company_id = ?1 ORDER BY u.email_key",
      ResultSize::kLarge};
  const Statement pending{
      "SELECT c.user_id, c.filed_key, u.search FROM company_people c"
      " LEFT JOIN users u ON u.id = c.user_id WHERE c.company_id = ?1 AND c.is_pending = 1",
      ResultSize::kLarge};
  const Statement gone{
      "DELETE FROM company_people WHERE company_id = ?1 AND is_pending = 1"
      " AND NOT EXISTS (SELECT 1 FROM users u WHERE u.id = company_people.user_id)"};
  const Statement filed{
      "UPDATE company_people SET is_pending = 0, filed_key ="
      " (SELECT u.email_key FROM users u WHERE u.id = company_people.user_id)"
      " WHERE company_id = ?1 AND is_pending = 1"};
  const Statement directory{
      "SELECT first_key, block FROM people_blocks WHERE company_id = ?1 ORDER BY first_key"};
  const Statement clear_blocks{"DELETE FROM people_blocks WHERE company_id = ?1"};
  const Statement clear_grams{"DELETE FROM people_grams WHERE company_id = ?1"};
  const Statement note{
      "INSERT INTO people_index(company_id, people, blocks, changes) VALUES (?1, ?2, ?3, ?4)"
      " ON CONFLICT (company_id) DO UPDATE SET people = excluded.people, blocks = excluded.blocks,"
      " changes = excluded.changes"};
  const Statement blocks;
  const Statement remove_blocks;
  const Statement grams_of;
  const Statement remove_grams;
};

inline const PeopleStatements& people_statements(sql::Dialect dialect) {
  static const PeopleStatements kSqlite(sql::Dialect::kSqlite);
  static const PeopleStatements kPostgres(sql::Dialect::kPostgres);
  return dialect == sql::Dialect::kSqlite ? kSqlite : kPostgres;
}

}  // namespace matricula::storage
