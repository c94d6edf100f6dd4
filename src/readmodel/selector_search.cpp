// The part of Selector that searches people.
#include <algorithm>
#include <bit>
#include <iterator>

#include "readmodel/selector.h"

namespace matricula::readmodel {

// Visits the person's rows in the first order, or backwards, until `visit` returns false; returns
// its last result.
template <typename Visit>
bool Selector::visit_rows(std::uint32_t person, bool upwards, const Visit& visit) const {
  const Person& who = snapshot_->people[person];
  if (person < snapshot_->search->people() && !snapshot_->is_moved(person)) {
    for (std::uint32_t i = 0; i < who.rows; ++i) {
      if (!visit(who.first_row + (upwards ? i : who.rows - 1 - i))) {
        return false;
      }
    }
    return true;
  }
  const storage::KeyValue id(std::string(who.id_text()));
  const std::size_t index = snapshot_->layout->key_index;
  const std::uint32_t first = count_before(*snapshot_, index, std::span(&id, 1), Side::kBefore);
  const std::uint32_t last = count_before(*snapshot_, index, std::span(&id, 1), Side::kBehind);
  for (std::uint32_t i = 0; i < last - first; ++i) {
    const std::uint32_t row = snapshot_->indexes[index][upwards ? first + i : last - 1 - i];
    if (person_of(*snapshot_->layout, snapshot_->rows.row(row)) == person && !visit(row)) {
      return false;
    }
  }
  return true;
}

// Visits the people who match in the order of their addresses, or backwards, until `visit` returns
// false. People from when the company was loaded are visited only within a range of numbers.
template <typename Visit>
void Selector::visit_people(bool upwards, Places numbers, const Visit& visit) {
  constexpr std::uint32_t kBlock = PeopleIndex::kBlock;
  const auto label = [&](std::uint32_t person) { return snapshot_->people[person].label; };
  std::size_t next_other = 0;
  const auto visit_others_before = [&](std::optional<std::uint64_t> end) {
    for (; next_other < others_.size(); ++next_other) {
      const std::uint32_t other = others_[upwards ? next_other : others_.size() - 1 - next_other];
      if (end && (upwards ? label(other) >= *end : label(other) <= *end)) {
        return true;
      }
      if (!visit(other)) {
        return false;
      }
    }
    return true;
  };
  const auto visit_block = [&](std::uint32_t block) {
    const std::uint32_t first = block * kBlock;
    const std::uint32_t last = std::min(numbers.second, first + kBlock);
    if (!goes_on(kBlock)) {
      return false;
    }
    for (std::uint32_t found = filters_.finds_of(first, last); found != 0;) {
      const auto bit =
          static_cast<std::uint32_t>(upwards ? std::countr_zero(found) : std::bit_width(found) - 1);
      found &= ~(std::uint32_t{1} << bit);
      const std::uint32_t person = first + bit;
      if (person >= numbers.first && !snapshot_->is_moved(person) &&
          (!visit_others_before(label(person)) || !visit(person))) {
        return false;
      }
    }
    return true;
  };
  if (numbers.first >= numbers.second) {
    numbers = {};
  }
  const std::uint32_t first_block = numbers.first / kBlock;
  const std::uint32_t last_block = (numbers.second + kBlock - 1) / kBlock;
  const auto visit_segment = [&](std::uint32_t segment) {
    snapshot_->search->find(filters_.needle(), segment, blocks_);
    const auto from = std::ranges::lower_bound(blocks_, first_block) - blocks_.begin();
    const auto to = std::ranges::lower_bound(blocks_, last_block) - blocks_.begin();
    for (std::ptrdiff_t i = 0; i < to - from; ++i) {
      if (!visit_block(blocks_[static_cast<std::size_t>(upwards ? from + i : to - 1 - i)])) {
        return false;
      }
    }
    return true;
  };
  const std::uint32_t of_segment = snapshot_->search->segment_blocks();
  const std::uint32_t from = first_block / of_segment;
  const std::uint32_t to = (last_block + of_segment - 1) / of_segment;
  for (std::uint32_t i = from; i < to; ++i) {
    if (!visit_segment(upwards ? i : to - 1 - (i - from))) {
      return;
    }
  }
  visit_others_before(std::nullopt);
}

void Selector::begin_search() {
  others_.clear();
  std::ranges::copy_if(snapshot_->others, std::back_inserter(others_),
                       [&](std::uint32_t person) { return filters_.finds(person); });
  std::ranges::sort(others_, {},
                    [&](std::uint32_t person) { return snapshot_->people[person].label; });
}

// How many rows are of people whose text has the needle, a single byte: counted when the company
// was loaded, plus those of people who were added or moved since.
std::int64_t Selector::count_of_byte() {
  std::int64_t total = snapshot_->search->rows_with(filters_.needle().front());
  for (const std::uint32_t person : others_) {
    if (person < snapshot_->search->people()) {
      total -= snapshot_->people[person].rows;
    }
    visit_rows(person, true, [&](std::uint32_t) {
      ++total;
      return true;
    });
  }
  return total;
}

// All people who match, in `people_`; false where they are too many.
bool Selector::find_people() {
  people_.clear();
  visit_people(true, {0, snapshot_->search->people()}, [&](std::uint32_t person) {
    people_.push_back(person);
    return people_.size() <= limits_.found_people_max;
  });
  return people_.size() <= limits_.found_people_max;
}

std::int64_t Selector::count_searched() {
  begin_search();
  if (conditions_.size() == 1 && filters_.needle().size() == 1) {
    return count_of_byte();
  }
  std::int64_t total = 0;
  // Without another condition, the rows of people who did not move match without a check.
  const bool is_alone = conditions_.size() == 1;
  visit_people(true, {0, snapshot_->search->people()}, [&](std::uint32_t person) {
    if (is_alone && person < snapshot_->search->people() && !snapshot_->is_moved(person)) {
      total += snapshot_->people[person].rows;
      return true;
    }
    return visit_rows(person, true, [&](std::uint32_t row) {
      total += filters_.matches(row) ? 1 : 0;
      return true;
    });
  });
  return total;
}

void Selector::select_searched(const Wanted& wanted, Places places,
                               std::vector<std::uint32_t>& rows) {
  const Lead* const lead = best_lead();
  if (lead != nullptr && lead->rows <= limits_.few_rows) {
    collect(*lead, wanted, rows);
    return;
  }
  begin_search();
  if (wanted.order == 0) {
    walk_people(wanted, rows);
    return;
  }
  if (!find_people()) {
    walk(wanted.order, places, wanted, rows);
    return;
  }
  for (const std::uint32_t person : people_) {
    visit_rows(person, true, [&](std::uint32_t row) {
      if (filters_.matches(row) && is_within(row, wanted)) {
        rows.push_back(row);
      }
      return true;
    });
  }
  sort(wanted, rows);
}

// How many people from when the company was loaded have an address before the bound's or, by
// `side`, at it.
std::uint32_t Selector::people_before(const Bound& bound, Side side) const {
  const std::string_view address = std::get<std::string>(bound.position->front());
  const std::uint16_t slot = snapshot_->layout->sources[snapshot_->layout->address].slot;
  std::uint32_t low = 0;
  std::uint32_t high = snapshot_->search->people();
  while (low < high) {
    const std::uint32_t middle = (low + high) / 2;
    const int compared = snapshot_->people.text(middle, slot).compare(address);
    if (compared < 0 || (compared == 0 && side == Side::kBehind)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// Appends the rows of the people who match, in the order of their addresses, as many as are wanted.
void Selector::walk_people(const Wanted& wanted, std::vector<std::uint32_t>& rows) {
  const std::uint32_t all = snapshot_->search->people();
  const Places numbers{
      wanted.low.position == nullptr ? 0 : people_before(wanted.low, Side::kBefore),
      wanted.high.position == nullptr ? all : people_before(wanted.high, Side::kBehind)};
  visit_people(wanted.upwards, numbers, [&](std::uint32_t person) {
    return visit_rows(person, wanted.upwards, [&](std::uint32_t row) {
      if (filters_.matches(row) && is_within(row, wanted)) {
        rows.push_back(row);
      }
      return rows.size() < wanted.limit;
    });
  });
}

}  // namespace matricula::readmodel
