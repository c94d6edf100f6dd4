#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "tables/row_encoder.h"
#include "tables/table.h"

namespace matricula::tables {

// CSV (RFC 4180): UTF-8, CRLF, a header line. Null is empty, empty text is `""`; lists and objects
// are JSON text. With `for_excel` the file begins with a byte order mark, and a `'` before text
// that a spreadsheet would take for a formula.
class CsvEncoder final : public RowEncoder {
 public:
  CsvEncoder(const Table& table, std::span<const std::size_t> chosen, bool for_excel);
  void begin(std::string& out) override;
  void append(std::span<const storage::Bind> values, std::string& out) override;
  void finish(std::string& out) override;

 private:
  struct Cell {
    std::string_view name;
    records::FieldType type;
    std::size_t place;
  };
  void append_value(std::string& out, records::FieldType type, const storage::Bind& value) const;
  void append_text(std::string& out, std::string_view text) const;

  std::vector<Cell> cells_;
  bool for_excel_;
};

}  // namespace matricula::tables
