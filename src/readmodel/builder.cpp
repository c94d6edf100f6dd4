#include "readmodel/builder.h"

#include <algorithm>
#include <bit>

#include "readmodel/row_values.h"

namespace matricula::readmodel {
namespace {

// Labels of neighbours are this far apart, so that others fit in between.
constexpr unsigned kLabelBits = 32;
constexpr std::uint64_t kSign = std::uint64_t{1} << 63U;

// Numbers whose order is that of the values.
std::uint64_t ascending(std::uint64_t bits, sql::ColumnType type) {
  if (type != sql::ColumnType::kReal) {
    return bits ^ kSign;
  }
  // The two zeros are equal.
  const auto positive = std::bit_cast<std::uint64_t>(std::bit_cast<double>(bits) + 0.0);
  return (positive & kSign) != 0 ? ~positive : positive | kSign;
}

}  // namespace

Result<std::uint8_t> code_of(Snapshot& snapshot, const std::vector<std::uint32_t>& texts) {
  const auto found = std::ranges::find(snapshot.codes, texts);
  if (found != snapshot.codes.end()) {
    return static_cast<std::uint8_t>(found - snapshot.codes.begin());
  }
  if (snapshot.codes.size() >= snapshot.rows_of_code.size()) {
    return fail(ErrorCode::kLimitExceeded,
                "The rows have too many combinations of enum values to be kept in memory.");
  }
  snapshot.codes.push_back(texts);
  return static_cast<std::uint8_t>(snapshot.codes.size() - 1);
}

SnapshotBuilder::SnapshotBuilder(const Layout& layout)
    : layout_(layout), snapshot_(std::make_shared<Snapshot>(layout)), codes_(layout.texts) {}

void SnapshotBuilder::add_person(const storage::Rows& from) {
  People& people = snapshot_->people;
  Person person;
  read_person(layout_, from, person, person_texts_);
  const std::uint32_t last = people.size() - 1;
  if (people.size() > 0 && people[last].id == person.id) {
    ++people.edit(last).rows;
    return;
  }
  const std::uint16_t address = layout_.sources[layout_.address].slot;
  person.label = people.size() > 0 && people.text(last, address) == person_texts_[address]
                     ? people[last].label
                     : (std::uint64_t{people.size()} + 1) << kLabelBits;
  person.first_row = snapshot_->rows.size();
  person.rows = 1;
  people.add(person, person_texts_);
}

Result<void> SnapshotBuilder::add(const storage::Rows& from) {
  add_person(from);
  const std::uint32_t number = snapshot_->rows.add();
  std::byte* const row = snapshot_->rows.edit(number);
  MATRICULA_CHECK(write_numbers(layout_, from, row));
  store(row + layout_.person_offset(), snapshot_->people.size() - 1);
  for (std::size_t i = 0; i < layout_.sources.size(); ++i) {
    const Source& source = layout_.sources[i];
    const auto column = static_cast<unsigned>(i);
    if (source.place != Place::kText || from.is_null(column)) {
      continue;
    }
    Codes& codes = codes_[source.slot];
    const std::string_view text = from.text(column);
    auto found = codes.find(text);
    if (found == codes.end()) {
      found = codes.emplace(text, static_cast<std::uint32_t>(codes.size() + 1)).first;
    }
    store(row + layout_.text_offset(source.slot), found->second);
  }
  joint_texts_.clear();
  for (const std::uint16_t filter : layout_.joint) {
    joint_texts_.push_back(text_code(layout_, row, layout_.sources[layout_.filters[filter]].slot));
  }
  MATRICULA_TRY(const std::uint8_t code, code_of(*snapshot_, joint_texts_));
  snapshot_->rows.set_code(number, code);
  ++snapshot_->rows_of_code[code];
  return {};
}

std::size_t SnapshotBuilder::bytes() const {
  // What is sorted by then, and what finish() takes for it.
  const std::size_t for_indexes =
      snapshot_->rows.size() * (5 * layout_.indexes.size() + sizeof(SortItem) + 8);
  return snapshot_->rows.bytes() + snapshot_->people.bytes() + for_indexes;
}

void SnapshotBuilder::make_dictionaries() {
  for (Codes& codes : codes_) {
    std::vector<std::string> texts(codes.size());
    for (const auto& [text, code] : codes) {
      texts[code - 1] = text;
    }
    codes.clear();
    auto dictionary = std::make_shared<Dictionary>();
    dictionary->add_all(std::move(texts));
    snapshot_->dictionaries.push_back(std::move(dictionary));
  }
}

Result<void> SnapshotBuilder::check_first_order() const {
  const RowStore& rows = snapshot_->rows;
  for (std::uint32_t row = 1; row < rows.size(); ++row) {
    if (compare_rows(*snapshot_, layout_.indexes.front(), rows.row(row - 1), rows.row(row)) >= 0) {
      return fail(ErrorCode::kCorrupt, "The rows of a list do not come in the list's order.");
    }
  }
  return {};
}

void SnapshotBuilder::make_key_index() {
  const RowStore& rows = snapshot_->rows;
  const IndexParts& key = layout_.indexes[layout_.key_index];
  items_.clear();
  for (std::uint32_t row = 0; row < rows.size(); ++row) {
    const Person& person = snapshot_->people[person_of(layout_, rows.row(row))];
    std::uint64_t prefix = 0;
    for (std::size_t i = 0; i < sizeof prefix; ++i) {
      prefix = prefix << 8U | std::to_integer<std::uint64_t>(person.id[i]);
    }
    items_.push_back({.key = prefix, .tie = 0, .row = row});
  }
  std::ranges::sort(items_, [&](const SortItem& a, const SortItem& b) {
    return a.key != b.key ? a.key < b.key
                          : compare_rows(*snapshot_, key, rows.row(a.row), rows.row(b.row)) < 0;
  });
  sorted_.clear();
  key_ranks_.resize(rows.size());
  for (const SortItem& item : items_) {
    key_ranks_[item.row] = static_cast<std::uint32_t>(sorted_.size());
    sorted_.push_back(item.row);
  }
  snapshot_->indexes[layout_.key_index] = Ordering(sorted_);
}

std::uint64_t SnapshotBuilder::sort_key(const Source& source, const std::byte* row) const {
  switch (source.place) {
    case Place::kNumber:
      return ascending(number_bits(row, source.slot), source.type);
    case Place::kText:
      return snapshot_->dictionaries[source.slot]->rank(text_code(layout_, row, source.slot));
    case Place::kPerson:
    case Place::kPersonText:
      break;
  }
  return snapshot_->people[person_of(layout_, row)].label;
}

void SnapshotBuilder::make_index(std::size_t index) {
  const RowStore& rows = snapshot_->rows;
  const IndexParts& parts = layout_.indexes[index];
  const Source& first = layout_.sources[parts.parts.front()];
  // Rows are numbered in the first order: an index that goes on with it has the numbers for ties.
  const bool is_list = index >= layout_.relation->orders.size();
  items_.clear();
  for (std::uint32_t row = 0; row < rows.size(); ++row) {
    if (!parts.skips_null || text_code(layout_, rows.row(row), first.slot) != kNullCode) {
      items_.push_back({.key = sort_key(first, rows.row(row)),
                        .tie = is_list ? row : key_ranks_[row],
                        .row = row});
    }
  }
  std::ranges::sort(items_, [](const SortItem& a, const SortItem& b) {
    return a.key != b.key ? a.key < b.key : a.tie < b.tie;
  });
  sorted_.clear();
  for (const SortItem& item : items_) {
    sorted_.push_back(item.row);
  }
  snapshot_->indexes[index] = Ordering(sorted_);
}

Result<std::shared_ptr<const Snapshot>> SnapshotBuilder::finish() {
  make_dictionaries();
  snapshot_->people.shrink_last();
  MATRICULA_CHECK(check_first_order());
  items_.reserve(snapshot_->rows.size());
  sorted_.reserve(snapshot_->rows.size());
  make_key_index();
  sorted_.clear();
  for (std::uint32_t row = 0; row < snapshot_->rows.size(); ++row) {
    sorted_.push_back(row);
  }
  snapshot_->indexes.front() = Ordering(sorted_);
  for (std::size_t index = 1; index < layout_.key_index; ++index) {
    make_index(index);
  }
  const std::uint16_t slot = layout_.sources[layout_.search_text].slot;
  snapshot_->search = std::make_shared<const PeopleIndex>(snapshot_->people, slot);
  snapshot_->moved.resize((snapshot_->people.size() + 63) / 64);
  return std::shared_ptr<const Snapshot>(std::move(snapshot_));
}

}  // namespace matricula::readmodel
