#pragma once

#include <initializer_list>
#include <span>
#include <type_traits>
#include <utility>

#include "base/result.h"
#include "storage/database.h"

// The loop over rows.
namespace matricula::storage {

// Calls `visit(const Rows&)`, which gives nothing or a Result<void>, for each row that is left. The
// first error ends it.
template <typename Visit>
Result<void> each_row(Rows& rows, Visit&& visit) {
  while (true) {
    MATRICULA_TRY(const bool is_row, rows.next());
    if (!is_row) {
      return {};
    }
    if constexpr (std::is_void_v<std::invoke_result_t<Visit&, const Rows&>>) {
      visit(std::as_const(rows));
    } else {
      MATRICULA_CHECK(visit(std::as_const(rows)));
    }
  }
}

// The same for the rows of a statement.
template <typename Visit>
Result<void> each_row(Session& session, const Statement& statement, std::span<const Bind> binds,
                      Visit&& visit) {
  MATRICULA_TRY(const RowsHandle rows, session.query(statement, binds));
  return each_row(*rows, visit);
}
template <typename Visit>
Result<void> each_row(Session& session, const Statement& statement,
                      std::initializer_list<Bind> binds, Visit&& visit) {
  return each_row(session, statement, std::span<const Bind>(binds.begin(), binds.size()), visit);
}

}  // namespace matricula::storage
