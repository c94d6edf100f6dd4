#include "storage/postgres/migrations.h"

#include <fmt/format.h>
#include <memory>

#include "base/assert.h"
#include "storage/postgres/error.h"
#include "storage/postgres/limits.h"

namespace matricula::storage::postgres {
namespace {

// The storage module's own tables, before the first step.
constexpr std::string_view kOwnTables = R"sql(
CREATE TABLE IF NOT EXISTS schema_migrations(
  number BIGINT NOT NULL PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL,
  applied_at BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS store_state(
  one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
  generation BIGINT NOT NULL
);
ALTER TABLE store_state ADD COLUMN IF NOT EXISTS asides BIGINT NOT NULL DEFAULT 0;
INSERT INTO store_state(one, generation) VALUES (1, 0) ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS store_commits(
  slot BIGINT NOT NULL PRIMARY KEY,
  id TEXT COLLATE "C" NOT NULL UNIQUE
);
)sql";

tl::unexpected<Error> newer(std::string_view shown, std::size_t applied, std::size_t known) {
  return fail(ErrorCode::kCorrupt,
              fmt::format("The store {} was made by a newer version of Matricula (its schema has "
                          "{} steps; this program knows {}). Use the newer version, or restore a "
                          "backup.",
                          shown, applied, known));
}

// Whose the table of migrations is; nothing without one. In the schema of the store: the search
// path has others behind it, in which another program may have a table of this name.
const std::string kTableOwner =
    "SELECT CASE WHEN EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname "
    "= "
    "'applied_at') THEN 'ours' ELSE 'theirs' END FROM pg_class c WHERE c.relname = "
    "'schema_migrations' AND c.relnamespace = quote_ident(current_schema())::regnamespace";
constexpr std::string_view kDuplicateTable = "42P07";

// Of a step that failed and was rolled back with `sqlstate`.
Error with_remedy(Error error, std::string_view sqlstate, Connection& connection,
                  std::string_view shown, Deadline deadline) {
  if (sqlstate == kDuplicateTable) {
    error.message = fmt::format(
        "The database {} has tables of another program, one of which is called as one of ours. "
        "Give the store a database of its own.",
        shown);
    return error;
  }
  if (sqlstate != kInsufficientPrivilege) {
    return error;
  }
  const Result<std::string> owner = connection.read_text(kTableOwner, deadline);
  error.message =
      owner && owner->empty()
          ? fmt::format(
                "There is no store in {}, and this role may not make one. Run `matricula "
                "migrate` with the role that owns the database, or grant it CREATE on the "
                "schema.",
                shown)
          : fmt::format(
                "This role may not change the schema of {}. Run `matricula migrate` with "
                "the role that owns the store.",
                shown);
  return error;
}

// A name as SQL text.
Result<std::string> quoted_name(Connection& connection, std::string_view name) {
  const std::unique_ptr<char, decltype(&PQfreemem)> quoted(
      PQescapeIdentifier(connection.raw(), name.data(), name.size()), PQfreemem);
  if (quoted == nullptr) {
    return fail(ErrorCode::kUsage, fmt::format("\"{}\" cannot be the name of a role.", name));
  }
  return std::string(quoted.get());
}

Result<void> apply(Connection& connection, const Migration& step, Timestamp now,
                   Deadline deadline) {
  return connection.run_script(
      fmt::format("{}; INSERT INTO schema_migrations(number, name, applied_at) VALUES ({}, '{}', "
                  "{})",
                  step.postgres, step.number, step.name, now),
      deadline);
}

// One migration at a time, and no concurrent write: a write locks tables in another order than a
// step does, and the two could deadlock. The locks end with the transaction: one for the session
// would stay with a pooler's connection.
Result<void> lock_schema(Connection& connection, const Clock& clock, Deadline deadline) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock.monotonic());
  return connection.run_script(
      fmt::format("SET LOCAL lock_timeout = {}; SELECT pg_advisory_xact_lock({}); "
                  "SELECT pg_advisory_xact_lock({}); SELECT pg_advisory_xact_lock({}); "
                  "SELECT pg_advisory_xact_lock({}); SET LOCAL lock_timeout = 0",
                  std::max<std::int64_t>(left.count(), 1), kMigrationLock, kRecordsLock,
                  kWriterLock, kAccessLock),
      deadline + kCancelGrace);
}

}  // namespace

Result<int> applied_migrations(Connection& connection, std::span<const Migration> known,
                               std::string_view shown, Deadline deadline) {
  MATRICULA_TRY(const std::string owner, connection.read_text(kTableOwner, deadline));
  if (owner.empty()) {
    return 0;
  }
  if (owner != "ours") {
    return fail(ErrorCode::kCorrupt,
                fmt::format("The database {} is of another program: it has a table "
                            "schema_migrations that is not ours. Give the store a database of its "
                            "own.",
                            shown));
  }
  MATRICULA_TRY(const std::string names,
                connection.read_text("SELECT coalesce(string_agg(number || ' ' || name || E'\\n', "
                                     "'' ORDER BY number), '') FROM schema_migrations",
                                     deadline));
  std::size_t count = 0;
  for (std::size_t start = 0; start < names.size(); ++count) {
    const std::size_t end = names.find('\n', start);
    const std::string line = names.substr(start, end - start);
    start = end + 1;
    const bool is_known = count < known.size();
    if (is_known && line != fmt::format("{} {}", count + 1, known[count].name)) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("The store {} has the schema step \"{}\", which this program does "
                              "not know. Use the program that made the store, or restore a backup.",
                              shown, line));
    }
  }
  if (count > known.size()) {
    return newer(shown, count, known.size());
  }
  return static_cast<int>(count);
}

Result<void> apply_migrations(Connection& connection, std::span<const Migration> known,
                              std::string_view shown, const Clock& clock, Deadline deadline) {
  // The next step that is missing; whether there was one.
  const auto apply_next = [&]() -> Result<bool> {
    MATRICULA_CHECK(connection.begin(deadline));
    MATRICULA_CHECK(lock_schema(connection, clock, deadline));
    MATRICULA_CHECK(connection.run_script(std::string(kOwnTables), deadline));
    MATRICULA_TRY(const int applied, applied_migrations(connection, known, shown, deadline));
    const auto missing = known.subspan(static_cast<std::size_t>(applied));
    if (!missing.empty()) {
      MATRICULA_CHECK(apply(connection, missing.front(), clock.now(), deadline));
    }
    MATRICULA_CHECK(connection.run_script("COMMIT", deadline));
    return !missing.empty();
  };
  while (true) {
    const Result<bool> applied = apply_next();
    if (!applied) {
      const std::string sqlstate(connection.last_sqlstate());
      static_cast<void>(connection.run_script("ROLLBACK", deadline));
      return fail(with_remedy(applied.error(), sqlstate, connection, shown, deadline));
    }
    if (!*applied) {
      return {};
    }
  }
}

Result<std::vector<std::string>> granted_roles(Connection& connection, Deadline deadline) {
  MATRICULA_TRY(
      const std::string names,
      connection.read_text(
          "SELECT coalesce(string_agg(DISTINCT pg_get_userbyid(a.grantee) || E'\\n', ''), '') "
          "FROM pg_class c, aclexplode(c.relacl) a "
          "WHERE c.oid = 'schema_migrations'::regclass AND a.grantee NOT IN (0, c.relowner)",
          deadline));
  std::vector<std::string> roles;
  for (std::size_t start = 0; start < names.size();) {
    const std::size_t end = names.find('\n', start);
    roles.push_back(names.substr(start, end - start));
    start = end + 1;
  }
  return roles;
}

Result<void> require_role(Connection& connection, std::string_view role, Deadline deadline) {
  const std::unique_ptr<char, decltype(&PQfreemem)> quoted(
      PQescapeLiteral(connection.raw(), role.data(), role.size()), PQfreemem);
  const std::string condition =
      quoted == nullptr ? "false" : fmt::format("rolname = {}", quoted.get());
  MATRICULA_TRY(
      const std::string found,
      connection.read_text("SELECT 1 FROM pg_catalog.pg_roles WHERE " + condition, deadline));
  if (found.empty()) {
    return fail(ErrorCode::kUsage,
                fmt::format("The server has no role \"{}\". Make it with CREATE ROLE ... LOGIN, or "
                            "correct --app-role.",
                            role));
  }
  return {};
}

Result<bool> owns_store(Connection& connection, Deadline deadline) {
  MATRICULA_TRY(const std::string found,
                connection.read_text("SELECT 1 FROM pg_class WHERE oid = "
                                     "'schema_migrations'::regclass AND "
                                     "pg_has_role(current_user, relowner, 'USAGE')",
                                     deadline));
  return !found.empty();
}

Result<void> grant_to(Connection& connection, std::string_view role, Deadline deadline) {
  MATRICULA_TRY(const std::string name, quoted_name(connection, role));
  MATRICULA_TRY(const std::string schema,
                connection.read_text("SELECT quote_ident(current_schema())", deadline));
  MATRICULA_TRY(
      const std::string append_only,
      connection.read_text("SELECT coalesce(string_agg(oid::regclass::text, ', '), '') "
                           "FROM pg_class WHERE relkind = 'r' AND "
                           "relnamespace = quote_ident(current_schema())::regnamespace AND "
                           "obj_description(oid, 'pg_class') = 'append-only'",
                           deadline));
  const std::string keep =
      append_only.empty() ? std::string()
                          : fmt::format("REVOKE UPDATE, DELETE ON {} FROM {};", append_only, name);
  MATRICULA_CHECK(connection.begin(deadline));
  return connection.run_script(
      // Two programs cannot grant at once either: "tuple concurrently updated".
      fmt::format("SELECT pg_advisory_xact_lock({2}); GRANT USAGE ON SCHEMA {1} TO {0};"
                  "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {1} TO {0};"
                  "GRANT USAGE ON ALL SEQUENCES IN SCHEMA {1} TO {0};"
                  "REVOKE INSERT, UPDATE, DELETE ON schema_migrations FROM {0};"
                  "{3} COMMIT",
                  name, schema, kMigrationLock, keep),
      deadline);
}

}  // namespace matricula::storage::postgres
