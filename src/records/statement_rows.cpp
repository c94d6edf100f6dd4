#include "records/statement_rows.h"

namespace matricula::records {

using storage::Bind;
using storage::RowsHandle;
using storage::Session;
using storage::Statement;

Result<std::optional<std::int64_t>> one_integer(Session& session, const Statement& statement,
                                                std::initializer_list<Bind> binds) {
  MATRICULA_TRY(const RowsHandle rows,
                session.query(statement, std::span<const Bind>(binds.begin(), binds.size())));
  MATRICULA_TRY(const bool is_row, rows->next());
  if (!is_row) {
    return std::nullopt;
  }
  return rows->integer(0);
}

Result<std::vector<std::string>> all_texts(Session& session, const Statement& statement,
                                           std::initializer_list<Bind> binds) {
  MATRICULA_TRY(const RowsHandle rows,
                session.query(statement, std::span<const Bind>(binds.begin(), binds.size())));
  std::vector<std::string> texts;
  for (;;) {
    MATRICULA_TRY(const bool is_row, rows->next());
    if (!is_row) {
      return texts;
    }
    texts.emplace_back(rows->text(0));
  }
}

Result<bool> has_row(Session& session, const Statement& statement,
                     std::initializer_list<Bind> binds) {
  MATRICULA_TRY(const RowsHandle rows,
                session.query(statement, std::span<const Bind>(binds.begin(), binds.size())));
  return rows->next();
}

}  // namespace matricula::records
