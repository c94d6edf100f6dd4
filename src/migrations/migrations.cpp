#include "migrations/migrations.h"

#include <array>

#include "migrations/steps.h"

namespace matricula::migrations {

std::span<const storage::Migration> all() {
  static const std::array kSteps = {
      storage::Migration{.number = 1,
                         .name = "learning records",
                         .sqlite = kRecordsSqlite,
                         .postgres = kRecordsPostgres},
      storage::Migration{
          .number = 2, .name = "access", .sqlite = kAccessSqlite, .postgres = kAccessPostgres},
      storage::Migration{.number = 3,
                         .name = "audit by company",
                         .sqlite = kAuditCompaniesSqlite,
                         .postgres = kAuditCompaniesPostgres},
      storage::Migration{.number = 4,
                         .name = "refused uses",
                         .sqlite = kRefusedUsesSqlite,
                         .postgres = kRefusedUsesPostgres},
      storage::Migration{.number = 5,
                         .name = "limits of windows",
                         .sqlite = {},
                         .postgres = kWindowLimitsPostgres},
      storage::Migration{
          .number = 6, .name = "changes", .sqlite = kChangesSqlite, .postgres = kChangesPostgres},
      storage::Migration{.number = 7,
                         .name = "use by company",
                         .sqlite = kUseByCompanySqlite,
                         .postgres = kUseByCompanyPostgres},
      storage::Migration{
          .number = 8, .name = "time of limits", .sqlite = {}, .postgres = kLimitTimePostgres},
      storage::Migration{
          .number = 9, .name = "lists", .sqlite = kListsSqlite, .postgres = kListsPostgres},
      storage::Migration{.number = 10,
                         .name = "use by endpoint",
                         .sqlite = kUseByEndpointSqlite,
                         .postgres = kUseByEndpointPostgres},
      storage::Migration{.number = 11,
                         .name = "actions by scope",
                         .sqlite = kActionsByScope,
                         .postgres = kActionsByScope},
      storage::Migration{.number = 12,
                         .name = "actions by author",
                         .sqlite = kActionsByAuthor,
                         .postgres = kActionsByAuthor},
  };
  return kSteps;
}

}  // namespace matricula::migrations
