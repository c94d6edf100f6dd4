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

void FilterSet::set(const Snapshot& snapshot, std::span<const Condition> conditions) {
  snapshot_ = &snapshot;
  is_empty_ = snapshot.size() == 0;
  tests_.clear();
  leads_.clear();
  needle_.clear();
  search_slot_ = snapshot.layout->sources[snapshot.layout->search_text].slot;
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

bool FilterSet::is_joint(std::uint16_t filter) const {
  return std::ranges::find(snapshot_->layout->joint, filter) != snapshot_->layout->joint.end();
}

// Which of the rows' codes match all conditions about enum values.
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
    const Dictionary& texts =
        *snapshot_->dictionaries[layout.sources[layout.filters[condition.filter]].slot];
    for (std::size_t code = 0; code < snapshot_->codes.size(); ++code) {
      const std::uint32_t text = snapshot_->codes[code][place];
      is_code_[code] =
          is_code_[code] && text != kNullCode && is_in_list(condition.any_of, texts.text(text));
    }
  }
  rows_of_codes_ = 0;
  for (std::size_t code = 0; code < snapshot_->codes.size(); ++code) {
    rows_of_codes_ += is_code_[code] ? snapshot_->rows_of_code[code] : 0;
  }
  is_empty_ = is_empty_ || rows_of_codes_ == 0;
  share_ *= is_empty_ ? 0 : static_cast<double>(rows_of_codes_) / snapshot_->size();
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
  const Filter& filter = filter_of(*snapshot_, condition);
  const std::uint16_t source = snapshot_->layout->filters[condition.filter];
  const std::optional<std::size_t> index = snapshot_->layout->index_of(source);
  if (!index) {
    return;
  }
  Lead lead{.index = *index, .places = {}};
  if (condition.any_of.size() == 1) {
    lead.value = &condition.any_of.front();
  }
  const auto place = [&](const KeyValue& value, Side side) {
    return count_before(*snapshot_, *index, std::span(&value, 1), side);
  };
  const auto add = [&](std::uint32_t first, std::uint32_t last) {
    if (first < last) {
      lead.places.emplace_back(first, last);
      lead.rows += last - first;
    }
  };
  if (filter.kind == FilterKind::kAnyOf) {
    for (const KeyValue& value : condition.any_of) {
      const std::uint32_t first = place(value, Side::kBefore);
      add(first, place(value, Side::kBehind));
    }
  } else {
    const KeyValue after_null = sql::kNullTimeKey + 1;
    const std::uint32_t first = condition.from    ? place(*condition.from, Side::kBefore)
                                : filter.null_key ? place(after_null, Side::kBefore)
                                                  : 0;
    const Side end = filter.kind == FilterKind::kHalfOpen ? Side::kBefore : Side::kBehind;
    add(first, condition.to ? place(*condition.to, end) : snapshot_->indexes[*index].size());
  }
  if (!is_joint(condition.filter)) {
    share_ *= snapshot_->size() == 0 ? 0 : static_cast<double>(lead.rows) / snapshot_->size();
  }
  is_empty_ = is_empty_ || lead.rows == 0;
  leads_.push_back(std::move(lead));
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
    case Place::kPerson:
      return is_in_list(list, snapshot_->people[person_of(layout, row)].id_text());
    case Place::kPersonText:
      return is_in_list(list, snapshot_->people.text(person_of(layout, row), source.slot));
  }
  return false;
}

}  // namespace matricula::readmodel
