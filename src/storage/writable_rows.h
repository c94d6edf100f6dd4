#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/database.h"

namespace matricula::storage {

// How an object is written from a row: literals and values of columns, alternately.
struct RowProgram {
  enum class Value : std::uint8_t { kText, kInteger, kReal, kBoolean, kTime, kUuid, kCursor };
  struct Step {
    std::uint32_t literal_end = 0;  // of the literal before the value; it begins where one ended
    Value value = Value::kText;
    std::uint16_t column = 0;
    bool is_non_null = false;
  };
  // All literals, the one behind the last value included, and kSlack (base/wide_copy.h) bytes more.
  std::string literals = {};
  std::uint32_t literals_size = 0;
  std::vector<Step> steps = {};
};

// Rows that are all in memory, and that can be written as JSON faster than value by value.
class WritableRows : public Rows {
 public:
  virtual std::size_t size() const = 0;
  // Makes a row the current one, counted from 0; next() moves to the one behind it.
  virtual void show(std::size_t row) = 0;
  // Drops all rows from `size` on, reverses the others if `reversed`, and begins before the first.
  virtual void arrange(std::size_t size, bool reversed) = 0;
  // Begins before the first row again.
  virtual void rewind() = 0;
  // Appends the object of the current row, the same bytes as from its values. False, and nothing is
  // appended, where a value is null that cannot be.
  virtual bool write(const RowProgram& program, std::string_view cursor, std::string& out) = 0;
};

}  // namespace matricula::storage
