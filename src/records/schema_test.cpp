#include <fmt/format.h>
#include <gtest/gtest.h>

#include "migrations/migrations.h"
#include "records/entities.h"
#include "storage/testing.h"

namespace matricula::records {
namespace {

using storage::Statement;

TEST(Schema, HaveEveryColumnOfEveryEntity) {
  storage::TempStore store(migrations::all());
  const auto session = store.database().open_reader();
  ASSERT_TRUE(session.has_value());
  for (const Entity& entity : entities()) {
    std::string columns;
    for (const Field& field : entity.fields) {
      columns += (columns.empty() ? "" : ", ") + std::string(field.column);
    }
    const Statement select(
        fmt::format("SELECT {} FROM {} ORDER BY {}", columns, entity.name, entity.order_columns));
    const auto rows = (*session)->query(select, {});
    EXPECT_TRUE(rows.has_value()) << select.text();
  }
}

TEST(Schema, PostgresTextHasEveryTable) {
  for (const Entity& entity : entities()) {
    EXPECT_NE(migrations::all()[0].postgres.find(fmt::format("CREATE TABLE {}(", entity.name)),
              std::string_view::npos);
  }
}

}  // namespace
}  // namespace matricula::records
