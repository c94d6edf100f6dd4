#pragma once

#include <string_view>

namespace matricula::auth {

// The texts of migrations 2 and 3 in either dialect; both make the same tables and columns. Ids are
// the 16 bytes of a UUID, times microseconds since 1970, digests 32 bytes under the pepper. Company
// ids are texts without a reference: the trail and old tokens outlive a company.
extern const std::string_view kSqliteSchema;
extern const std::string_view kPostgresSchema;

// Whom a line of the trail concerns.
extern const std::string_view kSqliteAuditCompanies;
extern const std::string_view kPostgresAuditCompanies;

// A day's refused requests beside its answered ones, in either dialect.
inline constexpr std::string_view kSqliteRefusedUses =
    "ALTER TABLE token_use_days ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;";
inline constexpr std::string_view kPostgresRefusedUses =
    "ALTER TABLE token_use_days ADD COLUMN refused BIGINT NOT NULL DEFAULT 0;";

// The limit that the last request of a window was held to, where it was counted with others.
inline constexpr std::string_view kPostgresWindowLimits =
    "ALTER TABLE request_windows ADD COLUMN most BIGINT NOT NULL DEFAULT 0;";

}  // namespace matricula::auth
