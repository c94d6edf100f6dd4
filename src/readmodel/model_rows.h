#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "readmodel/snapshot.h"
#include "storage/database.h"
#include "storage/list_reader.h"

namespace matricula::readmodel {

// Rows of a snapshot as a statement would give them: the columns asked for, then the order's key
// and the ties. Texts are borrowed from the snapshot. One thread at a time.
class ModelRows final : public storage::Rows {
 public:
  // Begins with no row at hand; the snapshot must outlive the rows. Fill rows() before next().
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

 private:
  const Snapshot* snapshot_ = nullptr;
  std::vector<std::uint32_t> rows_;
  std::size_t read_ = 0;
  const std::byte* row_ = nullptr;
  std::vector<const Source*> sources_;  // of each column
};

}  // namespace matricula::readmodel
