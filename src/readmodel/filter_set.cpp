#include "readmodel/filter_set.h"

#include <algorithm>
#include <bit>

#include "storage/people_block.h"

namespace matricula::readmodel {
namespace {

using sql::Filter;
using sql::FilterKind;
using storage::Condition;
using storage::KeyValue;

const Filter& filter_of(const Snapshot& snapshot, const Condition& condition) {
  return snapshot.layout->relation->filters[condition.filter];
}

bool is_in_list(const std::vector<KeyValue>& sorted, std::string_view text) {
  const auto found = std::ranges::lower_bound(
      sorted, text, {},
      [](const KeyValue& value) -> std::string_view { return std::get<std::string>(value); });
  return found != sorted.end() && std::get<std::string>(*found) == text;
}

template <typename Value>
bool is_in_range(const Condition& condition, FilterKind kind, Value value) {
  if (condition.from && value < std::get<Value>(*condition.from)) {
    return false;
  }
  if (!condition.to) {
    return true;
  }
  const Value to = std::get<Value>(*condition.to);
  return kind == FilterKind::kHalfOpen ? value < to : value <= to;
}

}  // namespace

void FilterSet::set(const Snapshot& snapshot, const storage::ListScope& scope) {
  const std::span<const Condition> conditions = scope.conditions;
  snapshot_ = &snapshot;
  fixed_ = scope.fixed;
  scope_ = fixed_.empty()
               ? Places{0, snapshot.size()}
               : Places{place_of(0, nullptr, Side::kBefore), place_of(0, nullptr, Side::kBehind)};
  is_empty_ = scope_rows() == 0;
  tests_.clear();
  leads_.clear();
  needle_.clear();
  if (snapshot.layout->is_by_person) {
    search_slot_ = snapshot.layout->sources[snapshot.layout->search_text].slot;
  }
  share_ = 1;
  set_codes(conditions);
  for (const Condition& condition : conditions) {
    const Filter& filter = filter_of(snapshot, condition);
    if (filter.kind == FilterKind::kSearch) {
      storage::append_search_part(condition.search, needle_);
      continue;
    }
    if (!is_joint(condition.filter)) {
      add_test(condition);
    }
    add_lead(condition);
  }
}

// How many rows of an index come before the value, or before the first one beyond it, among the
// rows that have the fixed columns. Without a value: before or beyond all of these.
std::uint32_t FilterSet::place_of(std::size_t index, const KeyValue* value, Side side) {
  if (fixed_.empty()) {
    return count_before(*snapshot_, index, std::span(value, value == nullptr ? 0 : 1), side);
  }
  target_.assign(fixed_.begin(), fixed_.end());
  if (value != nullptr) {
    target_.push_back(*value);
  }
  return count_before(*snapshot_, index, target_, side);
}

bool FilterSet::is_joint(std::uint16_t filter) const {
  return std::ranges::find(snapshot_->layout->joint, filter) != snapshot_->layout->joint.end();
}

// Sets which codes of rows match all conditions about enum values.
void FilterSet::set_codes(std::span<const Condition> conditions) {
  const Layout& layout = *snapshot_->layout;
  has_codes_ = false;
  is_code_.fill(true);
  for (const Condition& condition : conditions) {
    const auto joint = std::ranges::find(layout.joint, condition.filter);
    if (joint == layout.joint.end()) {
      continue;
    }
    has_codes_ = true;
    const auto place = static_cast<std::size_t>(joint - layout.joint.begin());
    list_texts(condition);
    for (std::size_t code = 0; code < snapshot_->codes.size(); ++code) {
      is_code_[code] = is_code_[code] && is_listed_[snapshot_->codes[code][place]] != 0;
    }
  }
  rows_of_codes_ = 0;
  for (std::size_t code = 0; code < snapshot_->codes.size(); ++code) {
    rows_of_codes_ += is_code_[code] ? snapshot_->rows_of_code[code] : 0;
  }
  is_empty_ = is_empty_ || rows_of_codes_ == 0;
  share_ *= is_empty_ ? 0 : static_cast<double>(rows_of_codes_) / snapshot_->size();
}

// Marks the texts of the condition's list in the dictionary of its column.
void FilterSet::list_texts(const Condition& condition) {
  const Layout& layout = *snapshot_->layout;
  const Dictionary& texts =
      *snapshot_->dictionaries[layout.sources[layout.filters[condition.filter]].slot];
  is_listed_.assign(texts.size(), 0);
  for (const KeyValue& value : condition.any_of) {
    if (const auto code = texts.find(std::get<std::string>(value))) {
      is_listed_[*code] = 1;
    }
  }
}

void FilterSet::add_test(const Condition& condition) {
  const Filter& filter = filter_of(*snapshot_, condition);
  const Source& source = snapshot_->layout->sources[snapshot_->layout->filters[condition.filter]];
  Test test{.source = &source,
            .condition = &condition,
            .kind = filter.kind,
            .is_after_null = filter.null_key && !condition.from};
  if (source.place == Place::kText) {
    const Dictionary& texts = *snapshot_->dictionaries[source.slot];
    test.texts.resize((texts.size() + 63) / 64);
    bool is_any = false;
    for (const KeyValue& value : condition.any_of) {
      if (const auto code = texts.find(std::get<std::string>(value))) {
        test.texts[*code / 64] |= std::uint64_t{1} << (*code % 64);
        is_any = true;
      }
    }
    is_empty_ = is_empty_ || !is_any;
  }
  tests_.push_back(std::move(test));
}

void FilterSet::add_lead(const Condition& condition) {
  const std::uint16_t source = snapshot_->layout->filters[condition.filter];
  const std::optional<std::size_t> index = snapshot_->layout->index_of(source);
  if (!index) {
    return;
  }
  Lead lead{.index = *index, .condition = &condition};
  if (condition.any_of.size() == 1) {
    lead.value = &condition.any_of.front();
  }
  if (is_joint(condition.filter) && fixed_.empty()) {
    lead.rows = rows_of_values(condition);
  } else {
    find_places(lead);
  }
  if (!is_joint(condition.filter)) {
    share_ *= scope_rows() == 0 ? 0 : static_cast<double>(lead.rows) / scope_rows();
  }
  is_empty_ = is_empty_ || lead.rows == 0;
  leads_.push_back(std::move(lead));
}

// How many rows of the company have one of the values, of a filter that rows are counted by.
std::uint32_t FilterSet::rows_of_values(const Condition& condition) {
  const Layout& layout = *snapshot_->layout;
  const auto place = static_cast<std::size_t>(std::ranges::find(layout.joint, condition.filter) -
                                              layout.joint.begin());
  list_texts(condition);
  std::uint32_t rows = 0;
  for (std::size_t code = 0; code < snapshot_->codes.size(); ++code) {
    rows += is_listed_[snapshot_->codes[code][place]] != 0 ? snapshot_->rows_of_code[code] : 0;
  }
  return rows;
}

const std::vector<Places>& FilterSet::places_of(const Lead& lead) {
  Lead& own = leads_[static_cast<std::size_t>(&lead - leads_.data())];
  if (!own.has_places) {
    find_places(own);
  }
  return own.places;
}

void FilterSet::find_places(Lead& lead) {
  const Condition& condition = *lead.condition;
  const Filter& filter = filter_of(*snapshot_, condition);
  lead.has_places = true;
  lead.rows = 0;
  const auto add = [&](std::uint32_t first, std::uint32_t last) {
    if (first < last) {
      lead.places.emplace_back(first, last);
      lead.rows += last - first;
    }
  };
  if (filter.kind == FilterKind::kAnyOf) {
    for (const KeyValue& value : condition.any_of) {
      const std::uint32_t first = place_of(lead.index, &value, Side::kBefore);
      add(first, place_of(lead.index, &value, Side::kBehind));
    }
    return;
  }
  const KeyValue after_null = sql::kNullTimeKey + 1;
  const KeyValue* const from = condition.from    ? &*condition.from
                               : filter.null_key ? &after_null
                                                 : nullptr;
  const Side end =
      condition.to && filter.kind == FilterKind::kHalfOpen ? Side::kBefore : Side::kBehind;
  const std::uint32_t first = place_of(lead.index, from, Side::kBefore);
  add(first, place_of(lead.index, condition.to ? &*condition.to : nullptr, end));
}

bool FilterSet::passes(const std::byte* row) const {
  return std::ranges::all_of(tests_, [&](const Test& test) { return passes(test, row); });
}

bool FilterSet::passes(const Test& test, const std::byte* row) const {
  const Source& source = *test.source;
  const Layout& layout = *snapshot_->layout;
  const std::vector<KeyValue>& list = test.condition->any_of;
  switch (source.place) {
    case Place::kNumber: {
      const std::uint64_t bits = number_bits(row, source.slot);
      if (bits == kNullNumber) {
        return false;
      }
      if (source.type == sql::ColumnType::kReal) {
        const auto value = std::bit_cast<double>(bits);
        return test.kind == FilterKind::kAnyOf ? std::ranges::binary_search(list, KeyValue(value))
                                               : is_in_range(*test.condition, test.kind, value);
      }
      const auto value = static_cast<std::int64_t>(bits);
      return test.kind == FilterKind::kAnyOf
                 ? std::ranges::binary_search(list, KeyValue(value))
                 : is_in_range(*test.condition, test.kind, value) &&
                       (!test.is_after_null || value > sql::kNullTimeKey);
    }
    case Place::kText: {
      const std::uint32_t code = text_code(layout, row, source.slot);
      return (test.texts[code / 64] >> (code % 64) & 1U) != 0;
    }
    case Place::kOwnText: {
      const std::uint32_t number = text_code(layout, row, source.slot);
      return number != kNullCode && is_in_list(list, snapshot_->texts.text(number));
    }
    case Place::kPerson:
    case Place::kPersonText:
      break;
  }
  const std::uint32_t person = person_of(layout, row);
  if (person == kNoPerson) {
    return false;
  }
  return is_in_list(list, source.place == Place::kPerson
                              ? snapshot_->people[person].id_text()
                              : snapshot_->people.text(person, source.slot));
}

}  // namespace matricula::readmodel
