#pragma once

#include <string_view>

// The texts of the steps, in either dialect; both make the same tables, columns and orders. Times
// are microseconds since 1970, ids of people, tokens and credentials the 16 bytes of a UUID, truth
// values 0 and 1, JSON canonical text, digests 32 bytes under the pepper.
namespace matricula::migrations {

// 1: the data model. References are checked by records/ and not declared: a row then costs no
// look-ups that the writer has not cached.
extern const std::string_view kRecordsSqlite;
extern const std::string_view kRecordsPostgres;

// 2: tokens, credentials, sessions, audit trail. Company ids are texts without a reference: the
// trail and old tokens outlive a company.
extern const std::string_view kAccessSqlite;
extern const std::string_view kAccessPostgres;

// 3: the companies that a line of the audit trail concerns.
extern const std::string_view kAuditCompaniesSqlite;
extern const std::string_view kAuditCompaniesPostgres;

// 4: a day's refused requests beside its answered ones.
inline constexpr std::string_view kRefusedUsesSqlite =
    "ALTER TABLE token_use_days ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;";
inline constexpr std::string_view kRefusedUsesPostgres =
    "ALTER TABLE token_use_days ADD COLUMN refused BIGINT NOT NULL DEFAULT 0;";

// 5: the limit that the last request of a window was held to, where it was counted with others.
// SQLite has no such table: its windows are in memory.
inline constexpr std::string_view kWindowLimitsPostgres =
    "ALTER TABLE request_windows ADD COLUMN most BIGINT NOT NULL DEFAULT 0;";

// 6: a change sequence for each company, tombstones, and which shared rows a company sees.
extern const std::string_view kChangesSqlite;
extern const std::string_view kChangesPostgres;

// 7: attempts behind one line of the audit trail, use by company, an index of a credential's live
// tokens. On PostgreSQL the trail becomes append-only for roles that do not own it.
extern const std::string_view kUseByCompanySqlite;
extern const std::string_view kUseByCompanyPostgres;

// 8: the time by which requests are counted: the nodes', handed on from one to the next. There is
// none of it on SQLite, whose windows are in memory.
extern const std::string_view kLimitTimePostgres;

// 9: counts of lists and indexes of the people of each company, kept by triggers.
extern const std::string_view kListsSqlite;
extern const std::string_view kListsPostgres;

// 10: use of a company by day, credential (or token of a person) and endpoint.
extern const std::string_view kUseByEndpointSqlite;
extern const std::string_view kUseByEndpointPostgres;

// 11: an index for a reference that had none: each deleted scope read all actions.
inline constexpr std::string_view kActionsByScope =
    "CREATE INDEX token_scope_actions_by_scope ON token_scope_actions(scope_id);";

// 12: whose action it was: the scopes of a person who loses a role are found by it.
inline constexpr std::string_view kActionsByAuthor =
    "CREATE INDEX token_scope_actions_by_author ON token_scope_actions(updated_by);";

}  // namespace matricula::migrations
