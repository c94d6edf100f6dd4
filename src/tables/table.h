#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "records/entities.h"

namespace matricula::tables {

// The most columns that a table has.
inline constexpr std::size_t kColumnsMax = 24;

struct Column {
  std::string_view name;
  records::FieldType type = records::FieldType::kText;
  bool is_key = false;
  bool is_nullable = false;
  std::span<const std::string_view> values = {};  // of an enum
  double real_max = 0;                            // of a real
  std::string_view description;                   // one sentence
};

// An entity as a table: the columns are its fields in their order. The flat form, which progress
// tables have, adds the columns of the table's GraphQL node that the row itself lacks, such as
// userEmail, with the node's values. Immutable; its texts live as long as the program.
class Table {
 public:
  // Precondition: has_flat_form(entity) where `is_flat`.
  explicit Table(records::EntityId entity, bool is_flat = false);

  const records::Entity& entity() const { return *entity_; }
  std::string_view name() const { return entity_->name; }
  // What a row is, in one sentence.
  std::string_view description() const;
  bool is_flat() const { return is_flat_; }
  std::span<const Column> columns() const { return columns_; }

  // SELECT's list and FROM's tables: `t` is the entity's table, the values are those of columns().
  std::string select_list() const;
  std::string from_list() const;

 private:
  const records::Entity* entity_;
  bool is_flat_;
  std::vector<Column> columns_;
};

// Whether the entity is one of the three progress tables.
bool has_flat_form(records::EntityId entity);

// Reads names of columns, comma-separated, as in `columns=userId,learnerHours`: the place of each
// in table.columns(), in the order given. kBadUserInput names a column that is unknown, with the
// known ones, empty, or there twice.
Result<std::vector<std::size_t>> select_columns(const Table& table, std::string_view names);

}  // namespace matricula::tables
