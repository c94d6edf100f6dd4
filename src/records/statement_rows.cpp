#include "records/statement_rows.h"

#include "storage/each_row.h"

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
  std::vector<std::string> texts;
  MATRICULA_CHECK(each_row(session, statement, binds,
                           [&](const storage::Rows& row) { texts.emplace_back(row.text(0)); }));
  return texts;
}

Result<bool> has_row(Session& session, const Statement& statement,
                     std::initializer_list<Bind> binds) {
  MATRICULA_TRY(const RowsHandle rows,
                session.query(statement, std::span<const Bind>(binds.begin(), binds.size())));
  return rows->next();
}

}  // namespace matricula::records
