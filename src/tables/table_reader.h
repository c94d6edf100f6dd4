#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "storage/database.h"
#include "tables/table.h"

namespace matricula::tables {

// A further condition on the rows of a progress table of one company.
struct RowCondition {
  // SQL over the entity's table as `t`, in the store's dialect: ?1 is the company, ?2 and on are
  // `binds`.
  std::string text;
  // Texts and bytes must outlive the reader.
  std::vector<storage::Bind> binds = {};
};

struct RowScope {
  std::optional<std::string> company = std::nullopt;  // nullopt: the rows of the whole store
  // Precondition: only with a company, for an entity that has_flat_form().
  std::optional<RowCondition> condition = std::nullopt;
};

// Reads the rows of a table in key order, part by part: memory does not grow with the table. Within
// one snapshot of a session, so that several tables show one state; one thread at a time.
class TableReader {
 public:
  // `session`, within a snapshot, must outlive the reader; `table` and `scope` need not. A company
  // that does not exist has no rows.
  static Result<TableReader> open(storage::Session& session, const Table& table,
                                  const RowScope& scope);
  TableReader(TableReader&& other) noexcept;
  TableReader& operator=(TableReader&&) = delete;
  ~TableReader();
  // Moves to the next row; false after the last.
  Result<bool> next();
  // Of the current row: values()[i] is that of table.columns()[i]. Borrowed until the next call of
  // next().
  std::span<const storage::Bind> values() const { return {values_.data(), types_.size()}; }

 private:
  // The texts that a running statement points to.
  struct Query;
  TableReader(std::unique_ptr<const Query> query, storage::RowsHandle rows, const Table& table);

  std::unique_ptr<const Query> query_;
  storage::RowsHandle rows_;
  std::vector<storage::ValueType> types_;
  std::array<storage::Bind, kColumnsMax> values_;
};

}  // namespace matricula::tables
