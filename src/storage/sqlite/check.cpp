#include "storage/sqlite/check.h"

#include <fmt/format.h>
#include <functional>
#include <memory>

#include "storage/database.h"
#include "storage/each_row.h"
#include "storage/limits.h"
#include "storage/sqlite/prepared.h"

namespace matricula::storage::sqlite {

namespace {

Result<void> for_each_row(sqlite3* connection, const Statement& statement,
                          const std::function<void(const Rows&)>& take) {
  MATRICULA_TRY(const std::unique_ptr<Prepared> prepared, Prepared::prepare(connection, statement));
  MATRICULA_CHECK(prepared->start({}));
  const RowsHandle rows(prepared.get());
  return each_row(*rows, take);
}

// Damage can make the check itself fail; that is a finding as well.
Result<void> as_finding(Result<void> looked, std::vector<std::string>& problems) {
  if (!looked && looked.error().code == ErrorCode::kCorrupt) {
    problems.push_back(looked.error().internal);
    return {};
  }
  return looked;
}

}  // namespace

Result<std::vector<std::string>> find_problems(sqlite3* connection) {
  std::vector<std::string> problems;
  const Statement integrity(fmt::format("PRAGMA integrity_check({})", kProblemsMax));
  MATRICULA_CHECK(as_finding(for_each_row(connection, integrity,
                                          [&problems](const Rows& row) {
                                            if (row.text(0) != "ok") {
                                              problems.emplace_back(row.text(0));
                                            }
                                          }),
                             problems));
  const Statement references(fmt::format(
      "SELECT \"table\", rowid, parent FROM pragma_foreign_key_check() LIMIT {}", kProblemsMax));
  MATRICULA_CHECK(as_finding(
      for_each_row(connection, references,
                   [&problems](const Rows& row) {
                     problems.push_back(
                         row.is_null(1) ? fmt::format("a row of {} refers to a missing row of {}",
                                                      row.text(0), row.text(2))
                                        : fmt::format("row {} of {} refers to a missing row of {}",
                                                      row.integer(1), row.text(0), row.text(2)));
                   }),
      problems));
  return problems;
}

}  // namespace matricula::storage::sqlite
