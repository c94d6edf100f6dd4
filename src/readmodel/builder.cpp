#include "readmodel/builder.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>
#include <span>
#include <utility>

#include "readmodel/row_values.h"

namespace matricula::readmodel {
namespace {

// Labels of neighbours are this far apart, so that others fit in between.
constexpr unsigned kLabelBits = 32;
// Different texts of a column that are kept to find equal ones.
constexpr std::size_t kMetTextsMax = 1'024;
constexpr std::uint64_t kSign = std::uint64_t{1} << 63U;

// Maps the bits of a value to a number that sorts as the value does.
std::uint64_t ascending(std::uint64_t bits, sql::ColumnType type) {
  if (type != sql::ColumnType::kReal) {
    return bits ^ kSign;
  }
  // The two zeros are equal.
  const auto positive = std::bit_cast<std::uint64_t>(std::bit_cast<double>(bits) + 0.0);
  return (positive & kSign) != 0 ? ~positive : positive | kSign;
}

// The first bytes as a number in the order of the bytes.
std::uint64_t ascending_prefix(std::string_view bytes) {
  std::uint64_t prefix = 0;
  for (std::size_t i = 0; i < sizeof prefix; ++i) {
    prefix = prefix << 8U | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U);
  }
  return prefix;
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
    : layout_(layout),
      snapshot_(std::make_shared<Snapshot>(layout)),
      codes_(std::size_t{layout.texts} + layout.own_texts) {}

// The number of the row's person; adds the person with their first row.
Result<std::uint32_t> SnapshotBuilder::person_of_row(const storage::Rows& from) {
  if (layout_.person == Layout::kNone || from.is_null(layout_.person)) {
    return kNoPerson;
  }
  People& people = snapshot_->people;
  Person person;
  MATRICULA_CHECK(read_person(layout_, from, person, person_texts_));
  if (!layout_.is_by_person) {
    const auto [found, is_new] = people_.emplace(person.id, people.size());
    return is_new ? people.add(person, person_texts_) : found->second;
  }
  const std::uint32_t last = people.size() - 1;
  if (people.size() > 0 && people[last].id == person.id) {
    ++people.edit(last).rows;
    return last;
  }
  person.first_row = snapshot_->rows.size();
  person.rows = 1;
  return people.add(person, person_texts_);
}

std::uint32_t SnapshotBuilder::own_text(std::uint16_t slot, std::string_view text) {
  Codes& met = codes_[slot];
  if (const auto found = met.find(text); found != met.end()) {
    return found->second;
  }
  const std::uint32_t number = snapshot_->texts.add(text);
  if (met.size() < kMetTextsMax) {
    met.emplace(text, number);
  }
  return number;
}

// The code or number that the row holds in place of the text.
Result<std::uint32_t> SnapshotBuilder::text_of_row(const Source& source, const storage::Rows& from,
                                                   unsigned column) {
  if (from.is_null(column)) {
    return kNullCode;
  }
  MATRICULA_TRY(const std::string_view text, read_text(from, column));
  if (source.place == Place::kOwnText) {
    return own_text(source.slot, text);
  }
  Codes& codes = codes_[source.slot];
  const auto found = codes.find(text);
  return found != codes.end()
             ? found->second
             : codes.emplace(text, static_cast<std::uint32_t>(codes.size() + 1)).first->second;
}

Result<void> SnapshotBuilder::add(const storage::Rows& from) {
  const std::uint32_t number = snapshot_->rows.size();
  MATRICULA_TRY(const std::uint32_t person, person_of_row(from));
  snapshot_->rows.add();
  std::byte* const row = snapshot_->rows.edit(number);
  MATRICULA_CHECK(write_numbers(layout_, from, row));
  store(row + layout_.person_offset(), person);
  for (std::size_t i = 0; i < layout_.sources.size(); ++i) {
    const Source& source = layout_.sources[i];
    if (source.place == Place::kText || source.place == Place::kOwnText) {
      MATRICULA_TRY(const std::uint32_t code, text_of_row(source, from, static_cast<unsigned>(i)));
      store(row + layout_.text_offset(source.slot), code);
    }
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
  // The indexes, and the scratch memory of finish() that sorts them.
  const std::size_t for_indexes =
      snapshot_->rows.size() * (5 * layout_.indexes.size() + sizeof(SortItem) + 8);
  return snapshot_->rows.bytes() + snapshot_->people.bytes() + snapshot_->texts.bytes() +
         for_indexes;
}

void SnapshotBuilder::make_dictionaries() {
  for (std::size_t slot = 0; slot < layout_.texts; ++slot) {
    Codes& codes = codes_[slot];
    std::vector<std::string> texts(codes.size());
    for (const auto& [text, code] : codes) {
      texts[code - 1] = text;
    }
    codes.clear();
    auto dictionary = std::make_shared<Dictionary>();
    dictionary->add_all(std::move(texts));
    snapshot_->dictionaries.push_back(std::move(dictionary));
  }
  codes_.clear();
  people_.clear();
}

Result<void> SnapshotBuilder::check_reading_order() const {
  const RowStore& rows = snapshot_->rows;
  for (std::uint32_t row = 1; row < rows.size(); ++row) {
    if (compare_rows(*snapshot_, layout_.reading_order(), rows.row(row - 1), rows.row(row)) >= 0) {
      return fail(ErrorCode::kCorrupt,
                  "The tables give its rows in another order than memory has.");
    }
  }
  return {};
}

// The numbers of people, sorted by their addresses, equal ones by their ids.
std::vector<std::uint32_t> SnapshotBuilder::people_by_address() const {
  const People& people = snapshot_->people;
  const std::uint16_t address = layout_.sources[layout_.address].slot;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> sorted;
  sorted.reserve(people.size());
  for (std::uint32_t person = 0; person < people.size(); ++person) {
    sorted.emplace_back(ascending_prefix(people.text(person, address)), person);
  }
  // People were read by their ids.
  std::ranges::sort(sorted, [&](const auto& a, const auto& b) {
    if (a.first != b.first) {
      return a.first < b.first;
    }
    const int compared = people.text(a.second, address).compare(people.text(b.second, address));
    return compared != 0 ? compared < 0 : a.second < b.second;
  });
  std::vector<std::uint32_t> numbers;
  numbers.reserve(sorted.size());
  for (const auto& [prefix, person] : sorted) {
    numbers.push_back(person);
  }
  return numbers;
}

// Numbers people and rows in the first order, by address, in place of the order of the key in which
// they were read; that one is the index of the key.
void SnapshotBuilder::arrange_by_address() {
  const std::uint16_t address = layout_.sources[layout_.address].slot;
  const People& read_people = snapshot_->people;
  const RowStore& read_rows = snapshot_->rows;
  People people(layout_.person_texts);
  RowStore rows(layout_.stride);
  sorted_.resize(read_rows.size());
  key_ranks_.resize(read_rows.size());
  for (const std::uint32_t read : people_by_address()) {
    Person person = read_people[read];
    for (std::uint16_t slot = 0; slot < layout_.person_texts; ++slot) {
      person_texts_[slot] = read_people.text(read, slot);
    }
    const std::uint32_t number = people.size();
    person.label = number > 0 && people.text(number - 1, address) == person_texts_[address]
                       ? people[number - 1].label
                       : (std::uint64_t{number} + 1) << kLabelBits;
    for (std::uint32_t rank = person.first_row; rank < person.first_row + person.rows; ++rank) {
      const std::uint32_t added = rows.add();
      std::byte* const row = rows.edit(added);
      std::memcpy(row, read_rows.row(rank), layout_.stride);
      store(row + layout_.person_offset(), number);
      rows.set_code(added, read_rows.code(rank));
      key_ranks_[added] = rank;
      sorted_[rank] = added;
    }
    person.first_row = rows.size() - person.rows;
    people.add(person, person_texts_);
  }
  people.shrink_last();
  snapshot_->people = std::move(people);
  snapshot_->rows = std::move(rows);
  snapshot_->indexes[layout_.key_index] = Ordering(sorted_);
}

std::uint64_t SnapshotBuilder::sort_key(const Source& source, const std::byte* row) const {
  switch (source.place) {
    case Place::kNumber:
      return ascending(number_bits(row, source.slot), source.type);
    case Place::kText:
      return snapshot_->dictionaries[source.slot]->rank(text_code(layout_, row, source.slot));
    case Place::kOwnText:
      return ascending_prefix(snapshot_->texts.text(text_code(layout_, row, source.slot)));
    case Place::kPerson:
      return ascending_prefix(snapshot_->people[person_of(layout_, row)].id_text());
    case Place::kPersonText:
      break;
  }
  return snapshot_->people[person_of(layout_, row)].label;
}

// Fills `sorted_` from `items_`: sorts by their keys, which are the leading part, then by the other
// parts.
void SnapshotBuilder::sort_by(std::size_t index) {
  const RowStore& rows = snapshot_->rows;
  const Source& leading = layout_.sources[layout_.leading(index)];
  // The key is only a prefix of the value.
  const bool is_prefix = leading.place == Place::kOwnText || leading.place == Place::kPerson;
  const std::span<const std::uint16_t> first = layout_.free_parts(index).first(1);
  std::ranges::sort(items_, [&](const SortItem& a, const SortItem& b) {
    if (a.key != b.key) {
      return a.key < b.key;
    }
    if (is_prefix) {
      if (const int compared = compare_rows(*snapshot_, first, rows.row(a.row), rows.row(b.row));
          compared != 0) {
        return compared < 0;
      }
    }
    return a.tie < b.tie;
  });
  if (layout_.fixed > 0) {
    const Source& group = layout_.sources[layout_.indexes[index].parts.front()];
    std::ranges::stable_sort(
        items_, {}, [&](const SortItem& item) { return sort_key(group, rows.row(item.row)); });
  }
  sorted_.clear();
  for (const SortItem& item : items_) {
    sorted_.push_back(item.row);
  }
}

void SnapshotBuilder::make_key_index() {
  const RowStore& rows = snapshot_->rows;
  const std::span<const std::uint16_t> parts = layout_.free_parts(layout_.key_index);
  const Source& leading = layout_.sources[parts.front()];
  items_.clear();
  for (std::uint32_t row = 0; row < rows.size(); ++row) {
    items_.push_back({.key = sort_key(leading, rows.row(row)), .tie = 0, .row = row});
  }
  // Few rows share a leading value.
  sort_by(layout_.key_index);
  const auto is_same = [&](std::uint32_t a, std::uint32_t b) {
    return compare_rows(
               *snapshot_,
               std::span(layout_.indexes[layout_.key_index].parts).first(layout_.fixed + 1),
               rows.row(a), rows.row(b)) == 0;
  };
  for (auto begin = sorted_.begin(); begin != sorted_.end();) {
    const auto end = std::find_if_not(begin, sorted_.end(),
                                      [&](std::uint32_t row) { return is_same(*begin, row); });
    std::sort(begin, end, [&](std::uint32_t a, std::uint32_t b) {
      return compare_rows(*snapshot_, parts, rows.row(a), rows.row(b)) < 0;
    });
    begin = end;
  }
  key_ranks_.resize(rows.size());
  for (std::uint32_t rank = 0; rank < rows.size(); ++rank) {
    key_ranks_[sorted_[rank]] = rank;
  }
  snapshot_->indexes[layout_.key_index] = Ordering(sorted_);
}

void SnapshotBuilder::make_index(std::size_t index) {
  const RowStore& rows = snapshot_->rows;
  const IndexParts& parts = layout_.indexes[index];
  const Source& leading = layout_.sources[layout_.leading(index)];
  items_.clear();
  for (std::uint32_t row = 0; row < rows.size(); ++row) {
    if (!parts.skips_null || !is_null(layout_, rows.row(row), leading)) {
      // Rows are numbered in the first order.
      items_.push_back({.key = sort_key(leading, rows.row(row)),
                        .tie = parts.continues_first ? row : key_ranks_[row],
                        .row = row});
    }
  }
  sort_by(index);
  snapshot_->indexes[index] = Ordering(sorted_);
}

Result<std::shared_ptr<const Snapshot>> SnapshotBuilder::finish() {
  make_dictionaries();
  snapshot_->people.shrink_last();
  snapshot_->texts.shrink_last();
  MATRICULA_CHECK(check_reading_order());
  if (layout_.is_by_person) {
    arrange_by_address();
  }
  items_.reserve(snapshot_->rows.size());
  sorted_.reserve(snapshot_->rows.size());
  if (!layout_.is_by_person) {
    make_key_index();
  }
  for (std::size_t index = 1; index < layout_.indexes.size(); ++index) {
    if (index != layout_.key_index) {
      make_index(index);
    }
  }
  sorted_.resize(snapshot_->rows.size());
  std::iota(sorted_.begin(), sorted_.end(), 0U);
  snapshot_->indexes.front() = Ordering(sorted_);
  if (layout_.is_by_person) {
    const std::uint16_t slot = layout_.sources[layout_.search_text].slot;
    snapshot_->search = std::make_shared<const PeopleIndex>(snapshot_->people, slot);
    snapshot_->moved.resize((snapshot_->people.size() + 63) / 64);
  }
  return std::shared_ptr<const Snapshot>(std::move(snapshot_));
}

}  // namespace matricula::readmodel
