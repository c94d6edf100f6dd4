#include "records/program_titles.h"

#include "base/text.h"

namespace matricula::records {
namespace {

using storage::Bind;
using storage::RowsHandle;
using storage::Session;
using storage::Statement;

struct Statements {
  const Statement find{
      "SELECT title FROM programs WHERE key = ?1 "
      "ORDER BY CASE locale WHEN 'en-us' THEN 0 ELSE 1 END, locale LIMIT 1"};
  const Statement find_noted{"SELECT title FROM program_titles WHERE key = ?1"};
  const Statement note{
      "INSERT INTO program_titles (key, title, title_key) VALUES (?1, ?2, ?3) "
      "ON CONFLICT (key) DO UPDATE SET title = excluded.title, title_key = excluded.title_key"};
  const Statement remove{"DELETE FROM program_titles WHERE key = ?1"};
};

const Statements& statements() {
  static const Statements kAll;
  return kAll;
}

struct Title {
  bool exists = false;
  std::string text;

  bool operator==(const Title&) const = default;
};

Result<Title> find_title(Session& session, const Statement& statement, std::string_view key) {
  const Bind binds[] = {key};
  MATRICULA_TRY(const RowsHandle rows, session.query(statement, binds));
  Title title;
  MATRICULA_TRY(title.exists, rows->next());
  if (title.exists) {
    title.text = rows->text(0);
  }
  return title;
}

}  // namespace

Result<std::optional<std::string>> update_program_title(Session& session, std::string_view key) {
  MATRICULA_TRY(const Title title, find_title(session, statements().find, key));
  MATRICULA_TRY(const Title noted, find_title(session, statements().find_noted, key));
  if (title == noted) {
    return std::nullopt;
  }
  std::string title_key = title.exists ? to_lower(title.text) : std::string(key);
  if (title.exists) {
    const Bind binds[] = {key, std::string_view(title.text), std::string_view(title_key)};
    MATRICULA_CHECK(session.execute(statements().note, binds));
  } else {
    const Bind binds[] = {key};
    MATRICULA_CHECK(session.execute(statements().remove, binds));
  }
  return title_key;
}

}  // namespace matricula::records
