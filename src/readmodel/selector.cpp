#include "readmodel/selector.h"

#include <algorithm>

#include "base/thread_priority.h"

namespace matricula::readmodel {
namespace {

// The estimated costs of checking a row, in nanoseconds: its code alone, its values too, and where
// rows are collected first and then sorted.
constexpr double kCodeCost = 2.5;
constexpr double kRowCost = 12;
constexpr double kCollectCost = 30;

}  // namespace

void Selector::begin(const Snapshot& snapshot, const storage::ListScope& scope) {
  snapshot_ = &snapshot;
  fixed_ = scope.fixed;
  conditions_ = scope.conditions;
  steps_left_ = kStepsPerLook;
  is_late_ = false;
  filters_.set(snapshot, scope);
}

bool Selector::look_at_clock() const {
  give_way();
  steps_left_ = kStepsPerLook;
  is_late_ = clock_ != nullptr && clock_->monotonic() >= deadline_;
  return !is_late_;
}

void Selector::page(const storage::PageQuery& query, std::vector<std::uint32_t>& rows) {
  select({.order = query.order,
          .upwards = (query.direction == sql::Direction::kForwards) != query.descending,
          .low = {.position = query.descending ? query.before : query.after},
          .high = {.position = query.descending ? query.after : query.before},
          .limit = query.limit},
         rows);
}

bool Selector::exists_beyond(const storage::BoundQuery& query) {
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

std::int64_t Selector::count() {
  if (filters_.is_empty()) {
    return 0;
  }
  if (conditions_.empty()) {
    return filters_.scope_rows();
  }
  if (filters_.is_codes_alone() && fixed_.empty()) {
    return filters_.rows_of_codes();
  }
  const Lead* const lead = best_lead();
  if (lead != nullptr && conditions_.size() == 1) {
    return lead->rows;
  }
  std::int64_t total = 0;
  if (filters_.searches() && (lead == nullptr || lead->rows > limits_.few_rows)) {
    return count_searched();
  }
  const Places all = filters_.scope();
  const std::size_t index = lead == nullptr ? 0 : lead->index;
  for (const Places& places :
       lead == nullptr ? std::span(&all, 1) : std::span<const Places>(filters_.places_of(*lead))) {
    Ordering::Walker walker(snapshot_->indexes[index], places.first);
    for (std::uint32_t left = places.second - places.first;;) {
      total += accepts(walker.row()) ? 1 : 0;
      if (--left == 0 || !goes_on()) {
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
    const double of_lead = share * filters_.scope_rows() / ordered->rows;
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

// The places of an index between the bounds, among the rows that have the fixed columns. With a
// value, only among the rows that have it: the index then continues with the order's parts.
Places Selector::places_of(std::size_t index, const storage::KeyValue* value,
                           const Wanted& wanted) {
  const auto place = [&](const Bound& bound, bool is_low) {
    target_.assign(fixed_.begin(), fixed_.end());
    if (value != nullptr) {
      target_.push_back(*value);
    }
    bool is_before = is_low;
    if (bound.position != nullptr) {
      target_.insert(target_.end(), bound.position->begin(), bound.position->end());
      is_before = is_low == bound.is_inclusive;
    }
    return count_before(*snapshot_, index, target_, is_before ? Side::kBefore : Side::kBehind);
  };
  const bool is_whole = value == nullptr && fixed_.empty();
  return {is_whole && wanted.low.position == nullptr ? 0 : place(wanted.low, true),
          is_whole && wanted.high.position == nullptr ? snapshot_->indexes[index].size()
                                                      : place(wanted.high, false)};
}

// Narrows the places by conditions on the order's own key.
Places Selector::tightened(const Wanted& wanted, Places places) {
  for (const Lead& lead : filters_.leads()) {
    if (lead.index == wanted.order) {
      const std::vector<Places>& of_lead = filters_.places_of(lead);
      if (of_lead.empty()) {
        return {};
      }
      places.first = std::max(places.first, of_lead.front().first);
      places.second = std::min(places.second, of_lead.back().second);
    }
  }
  return places;
}

const Lead* Selector::best_lead() const {
  const auto leads = filters_.leads();
  const auto best = std::ranges::min_element(leads, {}, &Lead::rows);
  return best == leads.end() ? nullptr : &*best;
}

// The condition with one value whose index continues with the first order; null for none.
const Lead* Selector::ordered_lead() const {
  const Layout& layout = *snapshot_->layout;
  const auto leads = filters_.leads();
  const auto found = std::ranges::find_if(leads, [&](const Lead& lead) {
    return layout.indexes[lead.index].continues_first && lead.value != nullptr;
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
    return compare_to(*snapshot_, snapshot_->layout->free_parts(wanted.order),
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
    if (--left == 0 || !goes_on()) {
      return;
    }
    if (wanted.upwards) {
      walker.forward();
    } else {
      walker.backward();
    }
  }
}

void Selector::collect(const Lead& lead, const Wanted& wanted, std::vector<std::uint32_t>& rows) {
  for (const Places& places : filters_.places_of(lead)) {
    Ordering::Walker walker(snapshot_->indexes[lead.index], places.first);
    for (std::uint32_t left = places.second - places.first;;) {
      if (accepts(walker.row()) && is_within(walker.row(), wanted)) {
        rows.push_back(walker.row());
      }
      if (--left == 0 || !goes_on()) {
        break;
      }
      walker.forward();
    }
  }
  sort(wanted, rows);
}

void Selector::sort(const Wanted& wanted, std::vector<std::uint32_t>& rows) const {
  const std::span<const std::uint16_t> parts = snapshot_->layout->free_parts(wanted.order);
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

}  // namespace matricula::readmodel
