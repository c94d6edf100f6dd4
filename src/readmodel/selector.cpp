#include "readmodel/selector.h"

#include <algorithm>

namespace matricula::readmodel {
namespace {

// About what looking at a row costs, in nanoseconds: its code alone, its values too, and where it
// is first collected and then sorted.
constexpr double kCodeCost = 2.5;
constexpr double kRowCost = 12;
constexpr double kCollectCost = 30;

}  // namespace

void Selector::page(const Snapshot& snapshot, const storage::PageQuery& query,
                    std::vector<std::uint32_t>& rows) {
  snapshot_ = &snapshot;
  filters_.set(snapshot, query.scope.conditions);
  select({.order = query.order,
          .upwards = (query.direction == sql::Direction::kForwards) != query.descending,
          .low = {.position = query.descending ? query.before : query.after},
          .high = {.position = query.descending ? query.after : query.before},
          .limit = query.limit},
         rows);
}

bool Selector::exists_beyond(const Snapshot& snapshot, const storage::BoundQuery& query) {
  snapshot_ = &snapshot;
  filters_.set(snapshot, query.scope.conditions);
  const bool is_upwards = (query.at_or_after != nullptr) != query.descending;
  const Bound bound{
      .position = query.at_or_after != nullptr ? query.at_or_after : query.at_or_before,
      .is_inclusive = true};
  found_.clear();
  select({.order = query.order,
          .upwards = is_upwards,
          .low = is_upwards ? bound : Bound(),
          .high = is_upwards ? Bound() : bound,
          .limit = 1},
         found_);
  return !found_.empty();
}

std::int64_t Selector::count(const Snapshot& snapshot, const storage::ListScope& scope) {
  snapshot_ = &snapshot;
  filters_.set(snapshot, scope.conditions);
  if (filters_.is_empty()) {
    return 0;
  }
  if (filters_.is_codes_alone()) {
    return filters_.rows_of_codes();
  }
  const Lead* const lead = best_lead();
  if (lead != nullptr && scope.conditions.size() == 1) {
    return lead->rows;
  }
  std::int64_t total = 0;
  if (filters_.searches() && (lead == nullptr || lead->rows > limits_.few_rows)) {
    begin_search();
    visit_people(true, {0, snapshot_->search->people()}, [&](std::uint32_t person) {
      return visit_rows(person, true, [&](std::uint32_t row) {
        total += filters_.matches(row) ? 1 : 0;
        return true;
      });
    });
    return total;
  }
  const Places all{0, snapshot_->size()};
  const std::size_t index = lead == nullptr ? 0 : lead->index;
  for (const Places& places :
       lead == nullptr ? std::span(&all, 1) : std::span<const Places>(lead->places)) {
    Ordering::Walker walker(snapshot_->indexes[index], places.first);
    for (std::uint32_t left = places.second - places.first;;) {
      total += accepts(walker.row()) ? 1 : 0;
      if (--left == 0) {
        break;
      }
      walker.forward();
    }
  }
  return total;
}

void Selector::select(const Wanted& wanted, std::vector<std::uint32_t>& rows) {
  rows.clear();
  if (filters_.is_empty() || wanted.limit == 0) {
    return;
  }
  const Places places = tightened(wanted, places_of(wanted.order, nullptr, wanted));
  if (places.first >= places.second) {
    return;
  }
  if (filters_.searches()) {
    select_searched(wanted, places, rows);
    return;
  }
  const double share = std::max(filters_.share(), 1e-9);
  const double cost = filters_.is_codes_alone() ? kCodeCost : kRowCost;
  const double walked = std::min<double>(places.second - places.first, wanted.limit / share) * cost;
  if (const Lead* const ordered = wanted.order == 0 ? ordered_lead() : nullptr) {
    const double of_lead = share * snapshot_->size() / ordered->rows;
    if (std::min<double>(ordered->rows, wanted.limit / of_lead) * kRowCost < walked) {
      walk(ordered->index, places_of(ordered->index, ordered->value, wanted), wanted, rows);
      return;
    }
  }
  const Lead* const lead = best_lead();
  if (lead != nullptr && lead->rows * kCollectCost < walked) {
    collect(*lead, wanted, rows);
  } else {
    walk(wanted.order, places, wanted, rows);
  }
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

// The places of an index between the bounds. With a prefix, those of its rows alone: the index goes
// on with the order's parts.
Places Selector::places_of(std::size_t index, const storage::KeyValue* prefix,
                           const Wanted& wanted) {
  const auto place = [&](const Bound& bound, bool is_low) {
    target_.clear();
    if (prefix != nullptr) {
      target_.push_back(*prefix);
    }
    bool is_before = is_low;
    if (bound.position != nullptr) {
      target_.insert(target_.end(), bound.position->begin(), bound.position->end());
      is_before = is_low == bound.is_inclusive;
    }
    return count_before(*snapshot_, index, target_, is_before ? Side::kBefore : Side::kBehind);
  };
  const bool is_whole = prefix == nullptr;
  return {is_whole && wanted.low.position == nullptr ? 0 : place(wanted.low, true),
          is_whole && wanted.high.position == nullptr ? snapshot_->indexes[index].size()
                                                      : place(wanted.high, false)};
}

// Conditions on the order's own key leave fewer places.
Places Selector::tightened(const Wanted& wanted, Places places) const {
  for (const Lead& lead : filters_.leads()) {
    if (lead.index == wanted.order) {
      places.first = std::max(places.first, lead.places.front().first);
      places.second = std::min(places.second, lead.places.back().second);
    }
  }
  return places;
}

const Lead* Selector::best_lead() const {
  const auto leads = filters_.leads();
  const auto best = std::ranges::min_element(leads, {}, &Lead::rows);
  return best == leads.end() ? nullptr : &*best;
}

// The condition whose index goes on with the first order, for one value.
const Lead* Selector::ordered_lead() const {
  const Layout& layout = *snapshot_->layout;
  const auto leads = filters_.leads();
  const auto found = std::ranges::find_if(leads, [&](const Lead& lead) {
    return lead.index >= layout.relation->orders.size() && lead.index != layout.key_index &&
           lead.value != nullptr;
  });
  return found == leads.end() ? nullptr : &*found;
}

bool Selector::accepts(std::uint32_t row) const {
  return filters_.matches(row) &&
         (!filters_.searches() ||
          filters_.finds(person_of(*snapshot_->layout, snapshot_->rows.row(row))));
}

bool Selector::is_within(std::uint32_t row, const Wanted& wanted) const {
  const auto compare = [&](const Bound& bound) {
    return compare_to(*snapshot_, snapshot_->layout->indexes[wanted.order],
                      snapshot_->rows.row(row), *bound.position);
  };
  if (wanted.low.position != nullptr && compare(wanted.low) < (wanted.low.is_inclusive ? 0 : 1)) {
    return false;
  }
  return wanted.high.position == nullptr ||
         compare(wanted.high) <= (wanted.high.is_inclusive ? 0 : -1);
}

void Selector::walk(std::size_t index, Places places, const Wanted& wanted,
                    std::vector<std::uint32_t>& rows) const {
  if (places.first >= places.second) {
    return;
  }
  Ordering::Walker walker(snapshot_->indexes[index],
                          wanted.upwards ? places.first : places.second - 1);
  for (std::uint32_t left = places.second - places.first;;) {
    if (accepts(walker.row())) {
      rows.push_back(walker.row());
      if (rows.size() == wanted.limit) {
        return;
      }
    }
    if (--left == 0) {
      return;
    }
    if (wanted.upwards) {
      walker.forward();
    } else {
      walker.backward();
    }
  }
}

void Selector::collect(const Lead& lead, const Wanted& wanted,
                       std::vector<std::uint32_t>& rows) const {
  for (const Places& places : lead.places) {
    Ordering::Walker walker(snapshot_->indexes[lead.index], places.first);
    for (std::uint32_t left = places.second - places.first;;) {
      if (accepts(walker.row()) && is_within(walker.row(), wanted)) {
        rows.push_back(walker.row());
      }
      if (--left == 0) {
        break;
      }
      walker.forward();
    }
  }
  sort(wanted, rows);
}

void Selector::sort(const Wanted& wanted, std::vector<std::uint32_t>& rows) const {
  const IndexParts& parts = snapshot_->layout->indexes[wanted.order];
  const auto precedes = [&](std::uint32_t a, std::uint32_t b) {
    const int compared =
        compare_rows(*snapshot_, parts, snapshot_->rows.row(a), snapshot_->rows.row(b));
    return wanted.upwards ? compared < 0 : compared > 0;
  };
  const auto kept = std::min<std::size_t>(rows.size(), wanted.limit);
  std::partial_sort(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(kept), rows.end(),
                    precedes);
  rows.resize(kept);
}

void Selector::begin_search() {
  is_any_block_ = !snapshot_->search->find(filters_.needle(), blocks_);
  others_.clear();
  std::ranges::copy_if(snapshot_->others, std::back_inserter(others_),
                       [&](std::uint32_t person) { return filters_.finds(person); });
  std::ranges::sort(others_, {},
                    [&](std::uint32_t person) { return snapshot_->people[person].label; });
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

// The person's rows in the first order, or against it, until `visit` says false; what it said last.
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

// The people who match in the order of their addresses, or against it, until `visit` says false.
// Of those who were there when the company was loaded, the ones of these numbers.
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
    const std::uint32_t first = std::max(numbers.first, block * kBlock);
    const std::uint32_t last = std::min(numbers.second, (block + 1) * kBlock);
    for (std::uint32_t i = first; i < last; ++i) {
      const std::uint32_t person = upwards ? i : last - 1 - (i - first);
      if (!snapshot_->is_moved(person) && filters_.finds(person) &&
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
  const auto from = std::ranges::lower_bound(blocks_, first_block) - blocks_.begin();
  const auto to = std::ranges::lower_bound(blocks_, last_block) - blocks_.begin();
  const auto blocks =
      is_any_block_ ? last_block - first_block : static_cast<std::uint32_t>(to - from);
  for (std::uint32_t i = 0; i < blocks; ++i) {
    const std::uint32_t at = upwards ? i : blocks - 1 - i;
    if (!visit_block(is_any_block_ ? first_block + at
                                   : blocks_[static_cast<std::size_t>(from) + at])) {
      return;
    }
  }
  visit_others_before(std::nullopt);
}

// How many of those who were there when the company was loaded have an address before the bound's,
// or at it, too.
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

// The rows of the people who match, in the order of their addresses, as far as they are wanted.
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
