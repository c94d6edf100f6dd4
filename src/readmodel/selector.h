#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "readmodel/filter_set.h"
#include "readmodel/snapshot.h"
#include "storage/list_reader.h"

namespace matricula::readmodel {

// Thresholds of the choice between plans, which all give the same rows.
struct SelectorLimits {
  // A condition that matches at most so many rows drives the query even where there is a search.
  std::uint32_t few_rows = 1'000;
  // The most people that a search collects where the order is not that of addresses; if more match,
  // the order is walked.
  std::size_t found_people_max = 2'000;
};

// Finds the rows of pages, counts and bounds in a snapshot. Chooses by estimated cost between
// walking an order, the rows that a condition matches, and the people that a search finds. Keeps
// its memory from request to request; one thread at a time.
class Selector {
 public:
  explicit Selector(const SelectorLimits& limits = {}) : limits_(limits) {}
  // Sets a deadline by `clock`, which must outlive the selector. Calls that run past it end early
  // with incomplete results, and is_late() is true then.
  void set_deadline(const Clock& clock, std::chrono::nanoseconds deadline) {
    clock_ = &clock;
    deadline_ = deadline;
  }
  bool is_late() const { return is_late_; }
  // Sets the rows that later calls are about; the snapshot and all that the scope refers to must
  // outlive those calls.
  void begin(const Snapshot& snapshot, const storage::ListScope& scope);
  // The rows of the page in the direction it is read, at most `query.limit`, in `rows`.
  void page(const storage::PageQuery& query, std::vector<std::uint32_t>& rows);
  std::int64_t count();
  bool exists_beyond(const storage::BoundQuery& query);

 private:
  // A bound by position; null for none.
  struct Bound {
    const storage::Position* position = nullptr;
    bool is_inclusive = false;
  };
  // The rows to find: those of an order between two bounds, in a direction, up to a number.
  struct Wanted {
    std::uint16_t order = 0;
    bool upwards = true;
    Bound low;
    Bound high;
    std::uint32_t limit = 0;
  };

  void select(const Wanted& wanted, std::vector<std::uint32_t>& rows);
  void select_searched(const Wanted& wanted, Places places, std::vector<std::uint32_t>& rows);
  Places places_of(std::size_t index, const storage::KeyValue* value, const Wanted& wanted);
  Places tightened(const Wanted& wanted, Places places);
  const Lead* best_lead() const;
  const Lead* ordered_lead() const;
  bool accepts(std::uint32_t row) const;
  // To be called for each row that is checked, or once for some of them; false past the deadline.
  bool goes_on() const { return goes_on(1); }
  bool goes_on(std::uint32_t steps) const {
    if (steps_left_ > steps) {
      steps_left_ -= steps;
      return true;
    }
    return look_at_clock();
  }
  bool look_at_clock() const;
  bool is_within(std::uint32_t row, const Wanted& wanted) const;
  void walk(std::size_t index, Places places, const Wanted& wanted,
            std::vector<std::uint32_t>& rows) const;
  void collect(const Lead& lead, const Wanted& wanted, std::vector<std::uint32_t>& rows);
  void sort(const Wanted& wanted, std::vector<std::uint32_t>& rows) const;

  void begin_search();
  std::int64_t count_searched();
  std::int64_t count_of_byte();
  bool find_people();
  template <typename Visit>
  bool visit_rows(std::uint32_t person, bool upwards, const Visit& visit) const;
  template <typename Visit>
  void visit_people(bool upwards, Places numbers, const Visit& visit);
  std::uint32_t people_before(const Bound& bound, Side side) const;
  void walk_people(const Wanted& wanted, std::vector<std::uint32_t>& rows);

  static constexpr std::uint32_t kStepsPerLook = 2'048;

  const SelectorLimits limits_;
  const Clock* clock_ = nullptr;
  std::chrono::nanoseconds deadline_ = std::chrono::nanoseconds::max();
  mutable std::uint32_t steps_left_ = kStepsPerLook;
  mutable bool is_late_ = false;
  const Snapshot* snapshot_ = nullptr;
  FilterSet filters_;
  std::span<const storage::KeyValue> fixed_;
  std::span<const storage::Condition> conditions_;
  storage::Position target_;
  std::vector<std::uint32_t> blocks_;  // of people that may match, in one segment
  std::vector<std::uint32_t> others_;  // people outside of the index who match, by label
  std::vector<std::uint32_t> people_;
  std::vector<std::uint32_t> found_;
};

}  // namespace matricula::readmodel
