#include "readmodel/model_rows.h"

#include <bit>

#include "base/assert.h"

namespace matricula::readmodel {

void ModelRows::start(const Snapshot& snapshot, std::span<const std::uint16_t> columns,
                      std::uint16_t order) {
  const Layout& layout = *snapshot.layout;
  snapshot_ = &snapshot;
  rows_.clear();
  read_ = 0;
  row_ = nullptr;
  sources_.clear();
  for (const std::uint16_t column : columns) {
    sources_.push_back(&layout.sources[layout.columns[column]]);
  }
  for (const std::uint16_t part : layout.indexes[order].parts) {
    sources_.push_back(&layout.sources[part]);
  }
}

Result<bool> ModelRows::next() {
  if (read_ == rows_.size()) {
    return false;
  }
  row_ = snapshot_->rows.row(rows_[read_++]);
  return true;
}

bool ModelRows::is_null(unsigned column) const {
  const Source& source = *sources_[column];
  switch (source.place) {
    case Place::kNumber:
      return number_bits(row_, source.slot) == kNullNumber;
    case Place::kText:
      return text_code(*snapshot_->layout, row_, source.slot) == kNullCode;
    case Place::kPerson:
    case Place::kPersonText:
      break;
  }
  return false;
}

std::int64_t ModelRows::integer(unsigned column) const {
  const std::uint64_t bits = number_bits(row_, sources_[column]->slot);
  return bits == kNullNumber ? 0 : static_cast<std::int64_t>(bits);
}

double ModelRows::real(unsigned column) const {
  const std::uint64_t bits = number_bits(row_, sources_[column]->slot);
  return bits == kNullNumber ? 0.0 : std::bit_cast<double>(bits);
}

std::string_view ModelRows::text(unsigned column) const {
  const Source& source = *sources_[column];
  if (source.place == Place::kPersonText) {
    return snapshot_->people.text(person_of(*snapshot_->layout, row_), source.slot);
  }
  MATRICULA_ASSERT(source.place == Place::kText);
  return snapshot_->dictionaries[source.slot]->text(
      text_code(*snapshot_->layout, row_, source.slot));
}

storage::Bytes ModelRows::bytes(unsigned column) const {
  MATRICULA_ASSERT(sources_[column]->place == Place::kPerson);
  return snapshot_->people[person_of(*snapshot_->layout, row_)].id;
}

}  // namespace matricula::readmodel
