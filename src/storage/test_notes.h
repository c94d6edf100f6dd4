#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "storage/database.h"

// What the tests of this folder keep in their stores.
namespace matricula::storage {

inline constexpr std::array<Migration, 1> kNotesMigrations = {{{
    .number = 1,
    .name = "notes",
    .sqlite = "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT, weight REAL, data BLOB) "
              "STRICT;"
              "CREATE TABLE replies (id INTEGER PRIMARY KEY, "
              "note INTEGER NOT NULL REFERENCES notes(id)) STRICT;",
    .postgres = "CREATE TABLE notes (id BIGINT PRIMARY KEY, body TEXT COLLATE \"C\", "
                "weight DOUBLE PRECISION, data BYTEA);"
                "CREATE TABLE replies (id BIGINT PRIMARY KEY, "
                "note BIGINT NOT NULL REFERENCES notes(id));",
}}};

inline const Statement& insert_note() {
  static const Statement kInsert("INSERT INTO notes(id, body) VALUES(?1, ?2)");
  return kInsert;
}

inline Result<void> insert_note(Session& session, std::int64_t id, std::string_view body) {
  const Bind binds[] = {id, body};
  MATRICULA_CHECK(session.execute(insert_note(), binds));
  return {};
}

inline Result<void> add_note(Database& database, std::int64_t id, std::string_view body) {
  return database.write([&](Session& session) { return insert_note(session, id, body); });
}

inline Result<void> add_note_aside(Database& database, std::int64_t id, std::string_view body) {
  return database.write_keeping_caches(
      [&](Session& session) { return insert_note(session, id, body); });
}

// The first column of the first row; -1 without rows.
inline Result<std::int64_t> number(Session& session, const Statement& statement,
                                   std::span<const Bind> binds = {}) {
  MATRICULA_TRY(const RowsHandle rows, session.query(statement, binds));
  MATRICULA_TRY(const bool is_row, rows->next());
  return is_row ? rows->integer(0) : -1;
}

inline Result<std::int64_t> count_notes(Session& session) {
  static const Statement kCount("SELECT count(*) FROM notes");
  return number(session, kCount);
}

inline Result<bool> has_note(Session& session, std::int64_t id) {
  static const Statement kFind("SELECT id FROM notes WHERE id=?1");
  const Bind binds[] = {id};
  MATRICULA_TRY(const std::int64_t found, number(session, kFind, binds));
  return found == id;
}

}  // namespace matricula::storage
