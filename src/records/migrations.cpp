#include "records/migrations.h"

#include <array>

#include "records/schema_text.h"

namespace matricula::records {

std::span<const storage::Migration> migrations() {
  static const std::array<storage::Migration, 1> kSteps = {
      storage::Migration{.number = 1,
                         .name = "learning records",
                         .sqlite = kSqliteSchema,
                         .postgres = kPostgresSchema}};
  return kSteps;
}

}  // namespace matricula::records
