// A row that others may refer to is deleted by looking for them: without an index that reads their
// whole table, each time.
#include <gtest/gtest.h>

#include "migrations/migrations.h"
#include "storage/each_row.h"
#include "storage/postgres/testing_cluster.h"
#include "storage/testing.h"

namespace matricula::migrations {
namespace {

using storage::Statement;

// The first column of all rows, a line each.
std::string lines_of(storage::Database& database, const Statement& statement) {
  const auto session = database.open_reader();
  EXPECT_TRUE(session.has_value());
  std::string lines;
  const auto done = storage::each_row(**session, statement, {}, [&](const storage::Rows& rows) {
    lines.append(rows.text(0)).append("\n");
  });
  EXPECT_TRUE(done.has_value()) << done.error().internal;
  return lines;
}

TEST(References, OfSqliteHaveIndexes) {
  storage::TempStore store(all());
  const std::string from =
      "SELECT m.name || '.' || k.\"from\" FROM sqlite_schema m "
      "JOIN pragma_foreign_key_list(m.name) k WHERE m.type = 'table'";
  EXPECT_NE(lines_of(store.database(), Statement(from)), "");
  EXPECT_EQ(lines_of(store.database(),
                     Statement(from + " AND NOT EXISTS (SELECT 1 FROM "
                                      "pragma_index_list(m.name) i JOIN "
                                      "pragma_index_info(i.name) c WHERE c.seqno = 0 AND "
                                      "c.name = k.\"from\")")),
            "");
}

TEST(References, OfPostgresHaveIndexes) {
  storage::postgres::PrivateCluster& cluster = storage::postgres::PrivateCluster::instance();
  const std::string name = cluster.new_database();
  {
    const SystemClock clock;
    const auto opened = storage::open_database(cluster.url(name), {.migrations = all()}, clock);
    ASSERT_TRUE(opened.has_value()) << opened.error().internal;
    const std::string from =
        "SELECT c.relname || '.' || a.attname FROM pg_constraint k JOIN pg_class c ON c.oid = "
        "k.conrelid JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1] "
        "WHERE k.contype = 'f' AND c.relnamespace = 'public'::regnamespace";
    EXPECT_NE(lines_of(**opened, Statement(from)), "");
    EXPECT_EQ(
        lines_of(**opened, Statement(from + " AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE "
                                            "i.indrelid = k.conrelid AND i.indkey[0] = a.attnum)")),
        "");
  }
  cluster.drop_database(name);
}

}  // namespace
}  // namespace matricula::migrations
