#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "storage/database.h"

namespace matricula::execution {

// A value of a row that a test made up; null where it is monostate. UUIDs are their sixteen bytes.
using Cell = std::variant<std::monostate, std::int64_t, double, std::string>;
using Cells = std::vector<Cell>;

class TestRows final : public storage::Rows {
 public:
  explicit TestRows(std::vector<Cells> rows) : rows_(std::move(rows)) {}
  // To be given once at a time: it stays the test's.
  storage::RowsHandle handle() {
    row_ = -1;
    return storage::RowsHandle(this);
  }

  Result<bool> next() override { return ++row_ < std::ssize(rows_); }
  bool is_null(unsigned column) const override {
    return std::holds_alternative<std::monostate>(cell(column));
  }
  std::int64_t integer(unsigned column) const override {
    return std::get<std::int64_t>(cell(column));
  }
  double real(unsigned column) const override { return std::get<double>(cell(column)); }
  std::string_view text(unsigned column) const override {
    return std::get<std::string>(cell(column));
  }
  storage::Bytes bytes(unsigned column) const override {
    return std::as_bytes(std::span(std::get<std::string>(cell(column))));
  }
  void finish() noexcept override {}

 private:
  const Cell& cell(unsigned column) const { return rows_[static_cast<std::size_t>(row_)][column]; }

  std::vector<Cells> rows_;
  std::ptrdiff_t row_ = -1;
};

}  // namespace matricula::execution
