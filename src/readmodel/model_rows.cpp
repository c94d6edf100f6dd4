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

char* put_literal(char* at, std::string_view literal) {
  return std::ranges::copy(literal, at).out;
}

}  // namespace

void ModelRows::start(const Snapshot& snapshot, std::span<const std::uint16_t> columns,
                      std::uint16_t order) {
  const Layout& layout = *snapshot.layout;
  snapshot_ = &snapshot;
  rows_.clear();
  rewind();
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
    if (person != kNoPerson) {
      snapshot_->people.prefetch(person);
    }
  }
}

void ModelRows::fetch_texts(std::size_t row) const {
  if (row < rows_.size()) {
    const std::uint32_t person = person_of(*snapshot_->layout, snapshot_->rows.row(rows_[row]));
    if (person != kNoPerson) {
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

void ModelRows::rewind() {
  read_ = 0;
  operations_.clear();
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
    return person == kNoPerson ? std::string_view() : snapshot_->people.text(person, source.slot);
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
  return person == kNoPerson ? storage::Bytes() : storage::Bytes(snapshot_->people[person].id);
}

// Makes room for `bytes` at `at`; returns where that is afterwards.
char* ModelRows::with_room(char* at, std::size_t bytes) {
  const auto used = static_cast<std::size_t>(at - written_.data());
  if (written_.size() < used + bytes + kSlack) {
    written_.resize(2 * (used + bytes + kSlack));
  }
  return written_.data() + used;
}

// Appends a text that is in no dictionary.
char* ModelRows::put_single_text(std::string_view text, bool is_plain, char* at) {
  if (is_plain) {
    at = with_room(at, text.size() + 2 + room_);
    *at++ = '"';
    at = put_text(at, text);
    *at++ = '"';
    return at;
  }
  escaped_.clear();
  append_json_string(escaped_, text);
  at = with_room(at, escaped_.size() + room_);
  return std::ranges::copy(escaped_, at).out;
}

ModelRows::Operation ModelRows::operation_of(const storage::RowProgram::Step& step) const {
  using Value = storage::RowProgram::Value;
  Operation made;
  made.is_non_null = step.is_non_null;
  if (step.value == Value::kCursor) {
    return made;
  }
  const Layout& layout = *snapshot_->layout;
  const Source& source = *sources_[step.column];
  switch (source.place) {
    case Place::kNumber:
      made.offset = std::uint32_t{8} * source.slot;
      made.kind = step.value == Value::kReal      ? Kind::kReal
                  : step.value == Value::kBoolean ? Kind::kBoolean
                  : step.value == Value::kTime    ? Kind::kTime
                                                  : Kind::kInteger;
      return made;
    case Place::kText:
      made.dictionary = snapshot_->dictionaries[source.slot].get();
      made.kind = Kind::kDictionaryText;
      made.offset = static_cast<std::uint32_t>(layout.text_offset(source.slot));
      return made;
    case Place::kOwnText:
      made.kind = Kind::kOwnText;
      made.offset = static_cast<std::uint32_t>(layout.text_offset(source.slot));
      return made;
    case Place::kPerson:
      made.kind = Kind::kPersonId;
      return made;
    case Place::kPersonText:
      made.kind = Kind::kPersonText;
      made.slot = source.slot;
      break;
  }
  return made;
}

// Compiles the program for this snapshot; all rows until the next rewind() use it.
void ModelRows::prepare(const storage::RowProgram& program) {
  std::uint32_t literal = 0;
  for (const storage::RowProgram::Step& step : program.steps) {
    operations_.push_back(operation_of(step));
    operations_.back().literal = {program.literals.data() + literal, step.literal_end - literal};
    literal = step.literal_end;
  }
  last_literal_ = {program.literals.data() + literal, program.literals_size - literal};
  room_ = program.literals_size + kValueBytesMax * program.steps.size();
}

bool ModelRows::is_null(const Operation& operation, std::uint32_t person) const {
  switch (operation.kind) {
    case Kind::kInteger:
    case Kind::kReal:
    case Kind::kBoolean:
    case Kind::kTime:
      return load<std::uint64_t>(row_ + operation.offset) == kNullNumber;
    case Kind::kDictionaryText:
    case Kind::kOwnText:
      return load<std::uint32_t>(row_ + operation.offset) == kNullCode;
    case Kind::kPersonText:
    case Kind::kPersonId:
      return person == kNoPerson;
    case Kind::kCursor:
      break;
  }
  return false;
}

// Appends the value, which is not null. Leaves room for the rest of the row without texts.
char* ModelRows::put(const Operation& operation, std::uint32_t person, std::string_view cursor,
                     char* at) {
  const std::byte* const value = row_ + operation.offset;
  switch (operation.kind) {
    case Kind::kDictionaryText: {
      const std::string_view json = operation.dictionary->json(load<std::uint32_t>(value));
      return put_text(with_room(at, json.size() + room_), json);
    }
    case Kind::kOwnText: {
      const auto number = load<std::uint32_t>(value);
      return put_single_text(snapshot_->texts.text(number), snapshot_->texts.is_plain(number), at);
    }
    case Kind::kPersonText:
      return put_single_text(snapshot_->people.text(person, operation.slot),
                             snapshot_->people.is_plain(person, operation.slot), at);
    case Kind::kPersonId:
      return put_uuid(at, snapshot_->people[person].id.data());
    case Kind::kInteger:
      return put_integer(at, load<std::int64_t>(value));
    case Kind::kReal:
      return put_real(at, load<double>(value));
    case Kind::kBoolean:
      return put_literal(at, load<std::uint64_t>(value) != 0 ? kTrue : kFalse);
    case Kind::kTime:
      return put_time(at, load<Timestamp>(value), dates_);
    case Kind::kCursor:
      break;
  }
  return std::ranges::copy(cursor, with_room(at, cursor.size() + room_)).out;
}

bool ModelRows::write(const storage::RowProgram& program, std::string_view cursor,
                      std::string& out) {
  if (operations_.empty()) {
    prepare(program);
  }
  const std::uint32_t person = person_of(*snapshot_->layout, row_);
  char* at = with_room(written_.data(), room_);
  for (const Operation& operation : operations_) {
    at = put_text(at, operation.literal);
    if (!is_null(operation, person)) {
      at = put(operation, person, cursor, at);
    } else if (operation.is_non_null) {
      return false;
    } else {
      at = put_literal(at, kNull);
    }
  }
  at = put_text(at, last_literal_);
  out.append(written_.data(), static_cast<std::size_t>(at - written_.data()));
  return true;
}

}  // namespace matricula::readmodel
