#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domains/domains.h"
#include "storage/list_reader.h"

// Requests of all kinds, for tests that look at the plans of their statements.
namespace matricula::cases {

// One row with one large number, without end: a filter that finds many.
class ManyRows final : public storage::Rows {
 public:
  Result<bool> next() override { return true; }
  bool is_null(unsigned) const override { return false; }
  std::int64_t integer(unsigned) const override { return 1'000'000; }
  double real(unsigned) const override { return 0; }
  std::string_view text(unsigned) const override { return {}; }
  storage::Bytes bytes(unsigned) const override { return {}; }
  void finish() noexcept override {}
};

// Has each statement that it runs explained, and says that every filter is wide, or narrow.
class ExplainingSession : public storage::Session {
 public:
  explicit ExplainingSession(storage::Session& session) : session_(session) {}

  Result<storage::RowsHandle> query(const storage::Statement& statement,
                                    std::span<const storage::Bind> binds) final;
  Result<std::int64_t> execute(const storage::Statement& statement,
                               std::span<const storage::Bind> binds) final {
    return session_.execute(statement, binds);
  }
  Result<void> begin_snapshot() final { return session_.begin_snapshot(); }
  void end_snapshot() noexcept final { session_.end_snapshot(); }
  void set_deadline(std::chrono::nanoseconds deadline) final { session_.set_deadline(deadline); }
  void set_tenant(std::string_view company) final { session_.set_tenant(company); }
  sql::Dialect dialect() const final { return session_.dialect(); }

  bool wide = true;
  std::string text;  // of the last statement that was run

 protected:
  // Keeps the store's plan of a statement.
  virtual Result<void> explain(const storage::Statement& statement,
                               std::span<const storage::Bind> binds) = 0;
  storage::Session& session() { return session_; }

 private:
  storage::Session& session_;
  ManyRows many_;
};

// The place of the n-th of a few values of the order's type.
storage::Position position_of(const sql::Relation& relation, std::uint16_t order, int n);

// A filter over the values 4 to 6, or the one value 5.
storage::Condition condition_of(const sql::Relation& relation, std::size_t index, bool single);

std::vector<std::uint16_t> all_columns(const sql::Relation& relation);

// The lists of all endpoints.
class EveryList {
 public:
  using Check =
      std::function<void(const storage::ListScope& scope, std::uint16_t order, bool descending)>;
  EveryList();
  const std::vector<const sql::Relation*>& relations() const { return relations_; }
  // Calls `check` with each relation, order, direction and narrowing: none, each filter with one
  // value or end and with two, all filters at once.
  void for_each(const Check& check) const;

 private:
  std::vector<domains::Definition> definitions_;
  std::vector<const sql::Relation*> relations_;
};

}  // namespace matricula::cases
