#include "auth/schema/migrations.h"

#include <vector>

#include "auth/schema/schema_text.h"
#include "records/migrations.h"

namespace matricula::auth {

std::span<const storage::Migration> store_migrations() {
  static const std::vector<storage::Migration> kAll = [] {
    const auto first = records::migrations();
    std::vector<storage::Migration> all(first.begin(), first.end());
    all.insert(
        all.end(),
        {{.number = 2, .name = "access", .sqlite = kSqliteSchema, .postgres = kPostgresSchema},
         {.number = 3,
          .name = "audit by company",
          .sqlite = kSqliteAuditCompanies,
          .postgres = kPostgresAuditCompanies},
         {.number = 4,
          .name = "refused uses",
          .sqlite = kSqliteRefusedUses,
          .postgres = kPostgresRefusedUses},
         {.number = 5,
          .name = "limits of windows",
          .sqlite = {},  // its windows are in memory
          .postgres = kPostgresWindowLimits}});
    return all;
  }();
  return kAll;
}

}  // namespace matricula::auth
