#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "readmodel/snapshot.h"
#include "readmodel/value_text.h"
#include "storage/database.h"
#include "storage/writable_rows.h"

namespace matricula::readmodel {

// Rows of a snapshot as a statement would give them: the columns of the request, then the order's
// key and the ties. Texts are borrowed from the snapshot. One thread at a time.
class ModelRows final : public storage::WritableRows {
 public:
  // Begins before the first row; the snapshot must outlive the rows. Fill rows() before next().
  void start(const Snapshot& snapshot, std::span<const std::uint16_t> columns, std::uint16_t order);
  // The numbers of the rows to give.
  std::vector<std::uint32_t>& rows() { return rows_; }

  Result<bool> next() override;
  bool is_null(unsigned column) const override;
  std::int64_t integer(unsigned column) const override;
  double real(unsigned column) const override;
  std::string_view text(unsigned column) const override;
  storage::Bytes bytes(unsigned column) const override;
  void finish() noexcept override {}
  std::size_t size() const override { return rows_.size(); }
  void show(std::size_t row) override;
  void arrange(std::size_t size, bool reversed) override;
  void rewind() override;
  bool write(const storage::RowProgram& program, std::string_view cursor,
             std::string& out) override;

 private:
  void fetch(std::size_t row) const;
  void fetch_person(std::size_t row) const;
  void fetch_texts(std::size_t row) const;
  // Where the value of a step is in this snapshot, and how it is written.
  enum class Kind : std::uint8_t {
    kDictionaryText,
    kOwnText,
    kPersonText,
    kPersonId,
    kInteger,
    kReal,
    kBoolean,
    kTime,
    kCursor,
  };
  struct Operation {
    Kind kind = Kind::kCursor;
    bool is_non_null = false;
    std::uint16_t slot = 0;    // of a person's text
    std::uint32_t offset = 0;  // of the value in the row
    std::string_view literal;  // before the value
    const Dictionary* dictionary = nullptr;
  };

  void prepare(const storage::RowProgram& program);
  Operation operation_of(const storage::RowProgram::Step& step) const;
  bool is_null(const Operation& operation, std::uint32_t person) const;
  char* put(const Operation& operation, std::uint32_t person, std::string_view cursor, char* at);
  char* put_single_text(std::string_view text, bool is_plain, char* at);
  char* with_room(char* at, std::size_t bytes);

  const Snapshot* snapshot_ = nullptr;
  std::vector<std::uint32_t> rows_;
  std::size_t read_ = 0;
  const std::byte* row_ = nullptr;
  std::vector<const Source*> sources_;  // of each column
  // Of the program that rows are written by, since the last rewind().
  std::vector<Operation> operations_;
  std::string_view last_literal_;
  std::size_t room_ = 0;  // the most bytes of a row, without texts
  DateTexts dates_;
  std::string written_;  // the current object, and room for more
  std::string escaped_;
};

}  // namespace matricula::readmodel
