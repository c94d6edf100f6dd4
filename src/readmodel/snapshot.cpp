#include "readmodel/snapshot.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace matricula::readmodel {
namespace {

// A snapshot is fragmented when searches check more people one by one than this number or this
// share.
constexpr std::size_t kOthersMax = 512;
constexpr std::size_t kOthersShare = 64;
// The same for people and texts that were added.
constexpr std::size_t kAddedMax = 4'096;
constexpr std::size_t kAddedShare = 4;

template <typename Value>
int three_way(const Value& a, const Value& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

int compare_number(std::uint64_t a, std::uint64_t b, sql::ColumnType type) {
  return type == sql::ColumnType::kReal
             ? three_way(std::bit_cast<double>(a), std::bit_cast<double>(b))
             : three_way(static_cast<std::int64_t>(a), static_cast<std::int64_t>(b));
}

int compare_part(const Snapshot& snapshot, const Source& source, const std::byte* a,
                 const std::byte* b) {
  const Layout& layout = *snapshot.layout;
  switch (source.place) {
    case Place::kNumber:
      return compare_number(number_bits(a, source.slot), number_bits(b, source.slot), source.type);
    case Place::kText: {
      const Dictionary& texts = *snapshot.dictionaries[source.slot];
      return three_way(texts.rank(text_code(layout, a, source.slot)),
                       texts.rank(text_code(layout, b, source.slot)));
    }
    case Place::kOwnText:
      return snapshot.texts.text(text_code(layout, a, source.slot))
          .compare(snapshot.texts.text(text_code(layout, b, source.slot)));
    case Place::kPerson: {
      const Person& first = snapshot.people[person_of(layout, a)];
      const Person& second = snapshot.people[person_of(layout, b)];
      return std::memcmp(first.id.data(), second.id.data(), first.id.size());
    }
    case Place::kPersonText:
      return three_way(snapshot.people[person_of(layout, a)].label,
                       snapshot.people[person_of(layout, b)].label);
  }
  return 0;
}

int compare_value(const Snapshot& snapshot, const Source& source, const std::byte* row,
                  const storage::KeyValue& value) {
  const Layout& layout = *snapshot.layout;
  switch (source.place) {
    case Place::kNumber: {
      const std::uint64_t bits = number_bits(row, source.slot);
      if (source.type != sql::ColumnType::kReal) {
        return three_way(static_cast<std::int64_t>(bits), std::get<std::int64_t>(value));
      }
      return three_way(std::bit_cast<double>(bits), std::get<double>(value));
    }
    case Place::kText:
      return snapshot.dictionaries[source.slot]
          ->text(text_code(layout, row, source.slot))
          .compare(std::get<std::string>(value));
    case Place::kOwnText:
      return snapshot.texts.text(text_code(layout, row, source.slot))
          .compare(std::get<std::string>(value));
    case Place::kPerson:
      return snapshot.people[person_of(layout, row)].id_text().compare(
          std::get<std::string>(value));
    case Place::kPersonText:
      return snapshot.people.text(person_of(layout, row), source.slot)
          .compare(std::get<std::string>(value));
  }
  return 0;
}

}  // namespace

Snapshot::Snapshot(const Layout& of)
    : layout(&of), rows(of.stride), people(of.person_texts), indexes(of.indexes.size()) {}

bool Snapshot::is_fragmented() const {
  const std::size_t searched = search == nullptr ? 0 : search->people();
  return others.size() > std::max<std::size_t>(kOthersMax, searched / kOthersShare) ||
         added > std::max<std::size_t>(kAddedMax, rows.size() / kAddedShare);
}

std::size_t Snapshot::bytes() const {
  std::size_t total = sizeof(Snapshot) + rows.bytes() + people.bytes() + texts.bytes() +
                      (search == nullptr ? 0 : search->bytes()) + moved.capacity() * 8 +
                      others.capacity() * 4 + free_rows.capacity() * 4;
  for (const Ordering& index : indexes) {
    total += index.bytes();
  }
  for (const auto& dictionary : dictionaries) {
    total += dictionary->bytes();
  }
  return total;
}

int compare_rows(const Snapshot& snapshot, std::span<const std::uint16_t> parts, const std::byte* a,
                 const std::byte* b) {
  for (const std::uint16_t part : parts) {
    if (const int compared = compare_part(snapshot, snapshot.layout->sources[part], a, b);
        compared != 0) {
      return compared;
    }
  }
  return 0;
}

int compare_to(const Snapshot& snapshot, std::span<const std::uint16_t> parts, const std::byte* row,
               std::span<const storage::KeyValue> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Source& source = snapshot.layout->sources[parts[i]];
    if (const int compared = compare_value(snapshot, source, row, values[i]); compared != 0) {
      return compared;
    }
  }
  return 0;
}

std::uint32_t count_before(const Snapshot& snapshot, std::size_t index,
                           std::span<const storage::KeyValue> values, Side side) {
  const std::vector<std::uint16_t>& parts = snapshot.layout->indexes[index].parts;
  const int least = side == Side::kBefore ? 0 : 1;
  return snapshot.indexes[index].count_before([&](std::uint32_t row) {
    return compare_to(snapshot, parts, snapshot.rows.row(row), values) >= least;
  });
}

}  // namespace matricula::readmodel
