#include "auth/migrations.h"

#include "auth/schema_text.h"

namespace matricula::auth {

std::span<const storage::Migration> migrations() {
  static const storage::Migration all[] = {
      {.number = 2, .name = "access", .sqlite = kSqliteSchema, .postgres = kPostgresSchema},
      {.number = 3,
       .name = "audit by company",
       .sqlite = kSqliteAuditCompanies,
       .postgres = kPostgresAuditCompanies},
      {.number = 4,
       .name = "refused uses",
       .sqlite = kSqliteRefusedUses,
       .postgres = kPostgresRefusedUses},
  };
  return all;
}

}  // namespace matricula::auth
