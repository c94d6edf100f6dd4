#pragma once

#include <cstdint>
#include <functional>
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

// Whether a statement asks how many rows a filter finds.
bool asks_how_many(std::string_view text);

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
