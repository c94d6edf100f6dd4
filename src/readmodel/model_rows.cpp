#include "readmodel/model_rows.h"

#include <algorithm>
#include <bit>

#include "base/assert.h"
#include "base/escape.h"

namespace matricula::readmodel {
namespace {

// Rows are in any order in memory: how many rows ahead each part of one is fetched.
constexpr std::size_t kRowAhead = 12;
constexpr std::size_t kPersonAhead = 7;
constexpr std::size_t kTextsAhead = 3;
constexpr std::string_view kTrue = "true";
constexpr std::string_view kFalse = "false";
constexpr std::string_view kNull = "null";

}  // namespace

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
  for (const std::uint16_t part : layout.free_parts(order)) {
    sources_.push_back(&layout.sources[part]);
  }
}

void ModelRows::fetch(std::size_t row) const {
  if (row < rows_.size()) {
    snapshot_->rows.prefetch(rows_[row]);
  }
}

void ModelRows::fetch_person(std::size_t row) const {
  if (row < rows_.size()) {
    const std::uint32_t person = person_of(*snapshot_->layout, snapshot_->rows.row(rows_[row]));
    if (person != kNobody) {
      snapshot_->people.prefetch(person);
    }
  }
}

void ModelRows::fetch_texts(std::size_t row) const {
  if (row < rows_.size()) {
    const std::uint32_t person = person_of(*snapshot_->layout, snapshot_->rows.row(rows_[row]));
    if (person != kNobody) {
      snapshot_->people.prefetch_texts(person);
    }
  }
}

Result<bool> ModelRows::next() {
  if (read_ == rows_.size()) {
    return false;
  }
  if (read_ == 0) {
    for (std::size_t row = 0; row < kRowAhead; ++row) {
      fetch(row);
    }
    for (std::size_t row = 0; row < kPersonAhead; ++row) {
      fetch_person(row);
    }
    for (std::size_t row = 0; row < kTextsAhead; ++row) {
      fetch_texts(row);
    }
  }
  fetch(read_ + kRowAhead);
  fetch_person(read_ + kPersonAhead);
  fetch_texts(read_ + kTextsAhead);
  row_ = snapshot_->rows.row(rows_[read_++]);
  return true;
}

void ModelRows::show(std::size_t row) {
  row_ = snapshot_->rows.row(rows_[row]);
  read_ = row + 1;
}

void ModelRows::arrange(std::size_t size, bool reversed) {
  rows_.resize(size);
  if (reversed) {
    std::ranges::reverse(rows_);
  }
  rewind();
}

bool ModelRows::is_null(unsigned column) const {
  return readmodel::is_null(*snapshot_->layout, row_, *sources_[column]);
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
    const std::uint32_t person = person_of(*snapshot_->layout, row_);
    return person == kNobody ? std::string_view() : snapshot_->people.text(person, source.slot);
  }
  const std::uint32_t code = text_code(*snapshot_->layout, row_, source.slot);
  if (source.place == Place::kOwnText) {
    return code == kNullCode ? std::string_view() : snapshot_->texts.text(code);
  }
  MATRICULA_ASSERT(source.place == Place::kText);
  return snapshot_->dictionaries[source.slot]->text(code);
}

storage::Bytes ModelRows::bytes(unsigned column) const {
  MATRICULA_ASSERT(sources_[column]->place == Place::kPerson);
  const std::uint32_t person = person_of(*snapshot_->layout, row_);
  return person == kNobody ? storage::Bytes() : storage::Bytes(snapshot_->people[person].id);
}

// Room for `bytes` at `at`, wherever it is then.
char* ModelRows::with_room(char* at, std::size_t bytes) {
  const auto used = static_cast<std::size_t>(at - written_.data());
  if (written_.size() < used + bytes + kSlack) {
    written_.resize(2 * (used + bytes + kSlack));
  }
  return written_.data() + used;
}

// A text that is no dictionary's.
char* ModelRows::put_single_text(std::string_view text, bool is_plain, char* at) {
  if (is_plain) {
    at = with_room(at, text.size() + 2);
    *at++ = '"';
    at = put_text(at, text);
    *at++ = '"';
    return at;
  }
  escaped_.clear();
  append_json_string(escaped_, text);
  at = with_room(at, escaped_.size());
  return std::ranges::copy(escaped_, at).out;
}

// The value of a step, which is not null.
char* ModelRows::put(const storage::RowProgram::Step& step, char* at) {
  using Value = storage::RowProgram::Value;
  const Source& source = *sources_[step.column];
  switch (step.value) {
    case Value::kText: {
      if (source.place == Place::kPersonText) {
        const std::uint32_t person = person_of(*snapshot_->layout, row_);
        return put_single_text(snapshot_->people.text(person, source.slot),
                               snapshot_->people.is_plain(person, source.slot), at);
      }
      const std::uint32_t code = text_code(*snapshot_->layout, row_, source.slot);
      if (source.place == Place::kOwnText) {
        return put_single_text(snapshot_->texts.text(code), snapshot_->texts.is_plain(code), at);
      }
      MATRICULA_ASSERT(source.place == Place::kText);
      const std::string_view json = snapshot_->dictionaries[source.slot]->json(code);
      return put_text(with_room(at, json.size()), json);
    }
    case Value::kInteger:
      return put_integer(at, static_cast<std::int64_t>(number_bits(row_, source.slot)));
    case Value::kReal:
      return put_real(at, std::bit_cast<double>(number_bits(row_, source.slot)));
    case Value::kBoolean:
      return number_bits(row_, source.slot) != 0 ? std::ranges::copy(kTrue, at).out
                                                 : std::ranges::copy(kFalse, at).out;
    case Value::kTime:
      return put_time(at, static_cast<Timestamp>(number_bits(row_, source.slot)), dates_);
    case Value::kUuid:
      MATRICULA_ASSERT(source.place == Place::kPerson);
      return put_uuid(at, snapshot_->people[person_of(*snapshot_->layout, row_)].id.data());
    case Value::kCursor:
      break;
  }
  return at;
}

bool ModelRows::write(const storage::RowProgram& program, std::string_view cursor,
                      std::string& out) {
  const std::size_t room = program.literals_size + kValueBytesMax * program.steps.size();
  char* at = with_room(written_.data(), room);
  std::uint32_t literal = 0;
  for (const storage::RowProgram::Step& step : program.steps) {
    at = put_text(at, {program.literals.data() + literal, step.literal_end - literal});
    literal = step.literal_end;
    if (step.value == storage::RowProgram::Value::kCursor) {
      at = with_room(at, cursor.size() + room);
      at = std::ranges::copy(cursor, at).out;
    } else if (!is_null(step.column)) {
      at = with_room(put(step, at), room);
    } else if (step.is_non_null) {
      return false;
    } else {
      at = std::ranges::copy(kNull, at).out;
    }
  }
  at = put_text(at, {program.literals.data() + literal, program.literals_size - literal});
  out.append(written_.data(), static_cast<std::size_t>(at - written_.data()));
  return true;
}

}  // namespace matricula::readmodel
