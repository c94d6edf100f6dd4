// The part of find_problems.h that is about the schema.
#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>
#include <set>

#include "migrations/schema_objects.h"
#include "records/find_problems.h"
#include "storage/each_row.h"

namespace matricula::records {
namespace {

using storage::Session;
using storage::Statement;

// The triggers of a schema in PostgreSQL that are disabled, a sentence each. A bulk load by hand,
// or a pg_restore that was broken off, leaves some. SQLite cannot disable one.
Result<std::vector<std::string>> disabled_triggers(
    Session& session, const std::vector<migrations::SchemaObject>& ours) {
  static const Statement kDisabled(
      "SELECT c.relname::text, t.tgname::text FROM pg_trigger t JOIN pg_class c ON c.oid = "
      "t.tgrelid WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND NOT "
      "t.tgisinternal AND t.tgenabled NOT IN ('O', 'A') ORDER BY t.tgname, c.relname");
  std::vector<std::string> problems;
  MATRICULA_CHECK(each_row(session, kDisabled, {}, [&](const storage::Rows& row) {
    const migrations::SchemaObject trigger{"trigger", std::string(row.text(1))};
    if (std::ranges::find(ours, trigger) != ours.end()) {
      problems.push_back(fmt::format(
          "the trigger {1} is disabled; `ALTER TABLE {0} ENABLE TRIGGER {1}` enables it",
          row.text(0), row.text(1)));
    }
  }));
  return problems;
}

// Those whose building was broken off. PostgreSQL does not read them.
Result<void> find_invalid_indexes(Session& session, std::vector<std::string>& problems) {
  static const Statement kInvalid(
      "SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE "
      "c.relnamespace = quote_ident(current_schema())::regnamespace AND NOT (i.indisvalid AND "
      "i.indisready) ORDER BY c.relname");
  return each_row(session, kInvalid, {}, [&](const storage::Rows& row) {
    problems.push_back(fmt::format(
        "the index {0} is invalid, and not read; `REINDEX INDEX {0}` makes it anew", row.text(0)));
  });
}

// A trigger's statement as PostgreSQL writes it differs in blanks, parentheses and case.
std::string comparable(std::string_view kind, std::string_view text, sql::Dialect dialect) {
  if (kind == "function" || dialect == sql::Dialect::kSqlite) {
    return std::string(text);
  }
  constexpr std::string_view kIgnored = " \n()\"";
  std::string plain;
  for (const char c : text) {
    if (kIgnored.find(c) == std::string_view::npos) {
      plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return plain;
}

// Triggers and functions with other texts than those of the steps, which keep counts and sequences
// wrong from then on. `objects`: what the schema has, without functions.
Result<void> compare_texts(Session& session, const std::set<migrations::SchemaObject>& objects,
                           std::vector<std::string>& problems) {
  static const Statement kSqlite(
      "SELECT type, name, sql FROM sqlite_schema WHERE type = 'trigger'");
  static const Statement kPostgres(
      "SELECT 'trigger', t.tgname::text, pg_get_triggerdef(t.oid, true) FROM pg_trigger t JOIN "
      "pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = "
      "quote_ident(current_schema())::regnamespace AND NOT t.tgisinternal "
      "UNION ALL SELECT 'function', proname::text, prosrc FROM pg_proc WHERE pronamespace = "
      "quote_ident(current_schema())::regnamespace");
  const sql::Dialect dialect = session.dialect();
  std::set<std::array<std::string, 3>> there;
  std::set<std::string> functions;
  MATRICULA_CHECK(each_row(session, dialect == sql::Dialect::kSqlite ? kSqlite : kPostgres, {},
                           [&](const storage::Rows& row) {
                             const std::string kind(row.text(0));
                             const std::string name(row.text(1));
                             there.insert({kind, name, comparable(kind, row.text(2), dialect)});
                             if (kind == "function") {
                               functions.insert(name);
                             }
                           }));
  for (const migrations::SchemaText& ours : migrations::schema_texts(dialect)) {
    if (there.contains({ours.kind, ours.name, comparable(ours.kind, ours.text, dialect)})) {
      continue;
    }
    if (ours.kind == "function" && !functions.contains(ours.name)) {
      problems.push_back(fmt::format("the function {} is missing", ours.name));
    } else if (ours.kind == "function" || objects.contains({ours.kind, ours.name})) {
      problems.push_back(fmt::format("the {} {} is not the one that `matricula migrate` makes",
                                     ours.kind, ours.name));
    }
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> find_schema_problems(Session& session) {
  static const Statement kSqlite("SELECT type, name FROM sqlite_schema");
  static const Statement kPostgres(
      "SELECT CASE WHEN relkind IN ('i', 'I') THEN 'index' ELSE 'table' END, relname::text FROM "
      "pg_class WHERE relkind IN ('r', 'p', 'i', 'I') AND relnamespace = "
      "quote_ident(current_schema())::regnamespace "
      "UNION ALL SELECT 'trigger', t.tgname::text FROM pg_trigger t JOIN pg_class c ON c.oid = "
      "t.tgrelid WHERE c.relnamespace = quote_ident(current_schema())::regnamespace "
      "UNION ALL SELECT 'policy', tablename || '.' || policyname FROM pg_policies WHERE schemaname "
      "= current_schema()");
  const sql::Dialect dialect = session.dialect();
  std::set<migrations::SchemaObject> there;
  MATRICULA_CHECK(each_row(session, dialect == sql::Dialect::kSqlite ? kSqlite : kPostgres, {},
                           [&](const storage::Rows& row) {
                             there.insert({std::string(row.text(0)), std::string(row.text(1))});
                           }));
  const std::vector<migrations::SchemaObject> ours = migrations::schema_objects(dialect);
  std::vector<std::string> problems;
  for (const migrations::SchemaObject& object : ours) {
    if (!there.contains(object)) {
      problems.push_back(fmt::format("the {} {} is missing", object.kind, object.name));
    }
  }
  if (dialect == sql::Dialect::kPostgres) {
    MATRICULA_TRY(const std::vector<std::string> disabled, disabled_triggers(session, ours));
    problems.insert(problems.end(), disabled.begin(), disabled.end());
    MATRICULA_CHECK(find_invalid_indexes(session, problems));
  }
  MATRICULA_CHECK(compare_texts(session, there, problems));
  return problems;
}

Result<void> require_triggers(Session& session) {
  if (session.dialect() != sql::Dialect::kPostgres) {
    return {};  // SQLite cannot disable one
  }
  static const std::vector<migrations::SchemaObject> kOurs =
      migrations::schema_objects(sql::Dialect::kPostgres);
  MATRICULA_TRY(const std::vector<std::string> disabled, disabled_triggers(session, kOurs));
  if (disabled.empty()) {
    return {};
  }
  return fail(ErrorCode::kCorrupt,
              fmt::format("Nothing was written: {}; then run `matricula check`, which finds what "
                          "others wrote meanwhile.",
                          disabled.front()));
}

}  // namespace matricula::records
