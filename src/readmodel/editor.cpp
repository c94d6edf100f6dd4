#include "readmodel/editor.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "readmodel/builder.h"
#include "readmodel/row_values.h"

namespace matricula::readmodel {
namespace {

// The distance between the label of a person behind all others and the last one's.
constexpr std::uint64_t kLabelStep = std::uint64_t{1} << 32U;

// The row with this key; nullopt for none.
std::optional<std::uint32_t> find_row(const Snapshot& snapshot, const storage::Position& key) {
  const std::size_t index = snapshot.layout->key_index;
  const std::uint32_t place = count_before(snapshot, index, key, Side::kBefore);
  if (place == snapshot.indexes[index].size()) {
    return std::nullopt;
  }
  const std::uint32_t row = snapshot.indexes[index][place];
  const std::vector<std::uint16_t>& parts = snapshot.layout->indexes[index].parts;
  const bool is_it = compare_to(snapshot, parts, snapshot.rows.row(row), key) == 0;
  return is_it ? std::optional(row) : std::nullopt;
}

}  // namespace

SnapshotEditor::SnapshotEditor(const Snapshot& base)
    : layout_(*base.layout),
      snapshot_(std::make_shared<Snapshot>(base)),
      grown_(layout_.texts, nullptr),
      row_(layout_.stride) {}

Result<void> SnapshotEditor::put(const storage::Rows& from) {
  ++changes_;
  read_key(layout_, from, key_);
  const std::optional<std::uint32_t> known = find_row(*snapshot_, key_);
  MATRICULA_TRY(const std::uint32_t person, resolve_person(from));
  MATRICULA_TRY(const std::uint8_t code,
                make_row(from, person, known ? snapshot_->rows.row(*known) : nullptr));
  if (known) {
    replace(*known, code);
  } else {
    insert(code);
  }
  return {};
}

void SnapshotEditor::remove(const storage::Position& key) {
  ++changes_;
  const std::optional<std::uint32_t> known = find_row(*snapshot_, key);
  if (!known) {
    return;
  }
  for (std::size_t i = 0; i < layout_.indexes.size(); ++i) {
    unindex(i, *known);
  }
  note_moved(person_of(layout_, snapshot_->rows.row(*known)));
  --snapshot_->rows_of_code[snapshot_->rows.code(*known)];
  snapshot_->free_rows.push_back(*known);
}

std::shared_ptr<const Snapshot> SnapshotEditor::finish() {
  return std::move(snapshot_);
}

bool SnapshotEditor::is_same_person(std::uint32_t person) const {
  if (snapshot_->people[person].id != person_.id) {
    return false;
  }
  for (std::uint16_t slot = 0; slot < layout_.person_texts; ++slot) {
    if (snapshot_->people.text(person, slot) != person_texts_[slot]) {
      return false;
    }
  }
  return true;
}

// The person of the row: one with this id and the same texts, or a new one.
Result<std::uint32_t> SnapshotEditor::resolve_person(const storage::Rows& from) {
  if (layout_.person == Layout::kNone || from.is_null(layout_.person)) {
    return kNoPerson;
  }
  MATRICULA_CHECK(read_person(layout_, from, person_, person_texts_));
  std::string id(person_.id_text());
  if (const auto renamed = renamed_.find(id);
      renamed != renamed_.end() && is_same_person(renamed->second)) {
    return renamed->second;
  }
  if (const std::optional<std::size_t> index = layout_.index_of(layout_.person)) {
    // In a list with fixed columns: the rows that share their values with this one.
    target_.assign(key_.begin(), key_.begin() + static_cast<std::ptrdiff_t>(layout_.fixed));
    target_.emplace_back(id);
    const Ordering& rows = snapshot_->indexes[*index];
    const std::uint32_t place = count_before(*snapshot_, *index, target_, Side::kBefore);
    if (place < rows.size()) {
      const std::uint32_t person = person_of(layout_, snapshot_->rows.row(rows[place]));
      if (is_same_person(person)) {
        return person;
      }
    }
  }
  if (layout_.is_by_person) {
    const std::uint16_t address = layout_.sources[layout_.address].slot;
    MATRICULA_TRY(person_.label, label_of(person_texts_[address]));
  }
  const std::uint32_t added = snapshot_->people.add(person_, person_texts_);
  ++snapshot_->added;
  if (layout_.is_by_person) {
    snapshot_->others.push_back(added);
  }
  renamed_[std::move(id)] = added;
  return added;
}

// A label between those of the neighbours.
Result<std::uint64_t> SnapshotEditor::label_of(std::string_view address) const {
  const storage::KeyValue key{std::string(address)};
  const Ordering& first = snapshot_->indexes.front();
  const std::uint32_t place = count_before(*snapshot_, 0, std::span(&key, 1), Side::kBefore);
  const auto person_at = [&](std::uint32_t at) {
    return person_of(layout_, snapshot_->rows.row(first[at]));
  };
  const std::uint64_t below = place == 0 ? 0 : snapshot_->people[person_at(place - 1)].label;
  if (place == first.size()) {
    return below + kLabelStep;
  }
  const std::uint32_t next = person_at(place);
  const std::uint64_t above = snapshot_->people[next].label;
  if (snapshot_->people.text(next, layout_.sources[layout_.address].slot) == address) {
    return above;
  }
  const std::uint64_t label = below + (above - below) / 2;
  if (label == below) {
    return fail(ErrorCode::kLimitExceeded, "There is no room between two people.");
  }
  return label;
}

std::uint32_t SnapshotEditor::code_of_text(std::uint16_t slot, std::string_view text) {
  if (const auto known = snapshot_->dictionaries[slot]->find(text)) {
    return *known;
  }
  if (grown_[slot] == nullptr) {
    auto copy = std::make_shared<Dictionary>(*snapshot_->dictionaries[slot]);
    grown_[slot] = copy.get();
    snapshot_->dictionaries[slot] = std::move(copy);
  }
  return grown_[slot]->add(text);
}

// The number of the row's text: that of before where the text is the same, else a new one.
std::uint32_t SnapshotEditor::own_text(std::uint16_t slot, std::string_view text,
                                       const std::byte* before) {
  const std::uint32_t known = before == nullptr ? kNullCode : text_code(layout_, before, slot);
  if (known != kNullCode && snapshot_->texts.text(known) == text) {
    return known;
  }
  ++snapshot_->added;
  return snapshot_->texts.add(text);
}

// Fills `row_`; the row's code.
Result<std::uint8_t> SnapshotEditor::make_row(const storage::Rows& from, std::uint32_t person,
                                              const std::byte* before) {
  std::ranges::fill(row_, std::byte{});
  MATRICULA_CHECK(write_numbers(layout_, from, row_.data()));
  store(row_.data() + layout_.person_offset(), person);
  for (std::size_t i = 0; i < layout_.sources.size(); ++i) {
    const Source& source = layout_.sources[i];
    const auto column = static_cast<unsigned>(i);
    const bool is_own = source.place == Place::kOwnText;
    if ((!is_own && source.place != Place::kText) || from.is_null(column)) {
      continue;
    }
    MATRICULA_TRY(const std::string_view text, read_text(from, column));
    store(row_.data() + layout_.text_offset(source.slot),
          is_own ? own_text(source.slot, text, before) : code_of_text(source.slot, text));
  }
  joint_texts_.clear();
  for (const std::uint16_t filter : layout_.joint) {
    joint_texts_.push_back(
        text_code(layout_, row_.data(), layout_.sources[layout_.filters[filter]].slot));
  }
  return code_of(*snapshot_, joint_texts_);
}

void SnapshotEditor::replace(std::uint32_t number, std::uint8_t code) {
  const std::byte* const old = snapshot_->rows.row(number);
  if (std::memcmp(old, row_.data(), row_.size()) == 0) {
    return;
  }
  std::vector<std::size_t> changed;
  for (std::size_t i = 0; i < layout_.indexes.size(); ++i) {
    const bool was_in = is_in(i, old);
    if (was_in != is_in(i, row_.data()) ||
        (was_in && compare_rows(*snapshot_, layout_.indexes[i].parts, old, row_.data()) != 0)) {
      unindex(i, number);
      changed.push_back(i);
    }
  }
  if (const std::uint32_t before = person_of(layout_, old);
      before != person_of(layout_, row_.data())) {
    note_moved(before);
    note_moved(person_of(layout_, row_.data()));
  }
  --snapshot_->rows_of_code[snapshot_->rows.code(number)];
  ++snapshot_->rows_of_code[code];
  std::memcpy(snapshot_->rows.edit(number), row_.data(), row_.size());
  snapshot_->rows.set_code(number, code);
  for (const std::size_t i : changed) {
    index(i, number);
  }
}

void SnapshotEditor::insert(std::uint8_t code) {
  std::uint32_t number = 0;
  if (snapshot_->free_rows.empty()) {
    number = snapshot_->rows.add();
  } else {
    number = snapshot_->free_rows.back();
    snapshot_->free_rows.pop_back();
  }
  std::memcpy(snapshot_->rows.edit(number), row_.data(), row_.size());
  snapshot_->rows.set_code(number, code);
  ++snapshot_->rows_of_code[code];
  note_moved(person_of(layout_, row_.data()));
  for (std::size_t i = 0; i < layout_.indexes.size(); ++i) {
    index(i, number);
  }
}

bool SnapshotEditor::is_in(std::size_t index, const std::byte* row) const {
  return !layout_.indexes[index].skips_null ||
         !is_null(layout_, row, layout_.sources[layout_.leading(index)]);
}

// How many rows of the index come before this one, which need not be in it.
std::uint32_t SnapshotEditor::place_in(std::size_t index, const std::byte* row) const {
  return snapshot_->indexes[index].count_before([&](std::uint32_t other) {
    return compare_rows(*snapshot_, layout_.indexes[index].parts, snapshot_->rows.row(other),
                        row) >= 0;
  });
}

void SnapshotEditor::index(std::size_t index, std::uint32_t number) {
  const std::byte* const row = snapshot_->rows.row(number);
  if (is_in(index, row)) {
    snapshot_->indexes[index].insert(place_in(index, row), number);
  }
}

void SnapshotEditor::unindex(std::size_t index, std::uint32_t number) {
  const std::byte* const row = snapshot_->rows.row(number);
  if (!is_in(index, row)) {
    return;
  }
  const std::uint32_t place = place_in(index, row);
  MATRICULA_ASSERT(snapshot_->indexes[index][place] == number);
  snapshot_->indexes[index].erase(place);
}

// A person from when the company was loaded whose rows are not neighbours any more: searches check
// them one by one from now on.
void SnapshotEditor::note_moved(std::uint32_t person) {
  if (layout_.is_by_person && person < snapshot_->search->people() &&
      !snapshot_->is_moved(person)) {
    snapshot_->moved[person / 64] |= std::uint64_t{1} << (person % 64);
    snapshot_->others.push_back(person);
  }
}

}  // namespace matricula::readmodel
