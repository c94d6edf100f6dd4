#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "readmodel/find_text.h"
#include "readmodel/snapshot.h"
#include "storage/list_scope.h"

namespace matricula::readmodel {

// Places [first, last) of an index.
using Places = std::pair<std::uint32_t, std::uint32_t>;

// A condition with an index, which can drive the selection.
struct Lead {
  std::size_t index = 0;
  const storage::Condition* condition = nullptr;
  std::uint32_t rows = 0;  // that match
  bool has_places = false;
  std::vector<Places> places = {};  // where it has them
  // The value, where the condition is a list of one.
  const storage::KeyValue* value = nullptr;
};

// The conditions of one request, prepared for one snapshot: which rows match them, and how many
// rows match each. Borrows the snapshot and the conditions. Keeps its memory from request to
// request; one thread at a time.
class FilterSet {
 public:
  void set(const Snapshot& snapshot, const storage::ListScope& scope);

  // Whether no row can match.
  bool is_empty() const { return is_empty_; }
  // The places of the rows that have the fixed columns, in the first index and in every other one
  // that has all rows.
  const Places& scope() const { return scope_; }
  std::uint32_t scope_rows() const { return scope_.second - scope_.first; }
  // Whether the row matches all conditions but the search.
  bool matches(std::uint32_t row) const {
    return (!has_codes_ || is_code_[snapshot_->rows.code(row)]) &&
           (tests_.empty() || passes(snapshot_->rows.row(row)));
  }
  // Whether there is a search for free text, and whether a person's search text has it.
  bool searches() const { return !needle_.empty(); }
  std::string_view needle() const { return needle_; }
  bool finds(std::uint32_t person) const {
    return contains(snapshot_->people.text(person, search_slot_), needle_);
  }
  // Which of the neighbours from `begin` to before `end` it finds: see People::find().
  std::uint32_t finds_of(std::uint32_t begin, std::uint32_t end) const {
    return snapshot_->people.find(begin, end, search_slot_, needle_);
  }
  std::span<const Lead> leads() const { return leads_; }
  // The places of a lead's rows in its index, computed at the first call.
  const std::vector<Places>& places_of(const Lead& lead);
  // Whether all conditions are about enum values, and how many rows of the company have those.
  bool is_codes_alone() const { return tests_.empty() && !searches(); }
  std::uint32_t rows_of_codes() const { return rows_of_codes_; }
  // The estimated share of rows that match, without the search.
  double share() const { return share_; }

 private:
  struct Test {
    const Source* source = nullptr;
    const storage::Condition* condition = nullptr;
    sql::FilterKind kind = sql::FilterKind::kAnyOf;
    bool is_after_null = false;
    std::vector<std::uint64_t> texts = {};  // kAnyOf of a dictionary: a bit for each code
  };

  void set_codes(std::span<const storage::Condition> conditions);
  void add_test(const storage::Condition& condition);
  void add_lead(const storage::Condition& condition);
  void find_places(Lead& lead);
  void list_texts(const storage::Condition& condition);
  std::uint32_t rows_of_values(const storage::Condition& condition);
  std::uint32_t place_of(std::size_t index, const storage::KeyValue* value, Side side);
  bool passes(const std::byte* row) const;
  bool passes(const Test& test, const std::byte* row) const;
  bool is_joint(std::uint16_t filter) const;

  const Snapshot* snapshot_ = nullptr;
  std::span<const storage::KeyValue> fixed_;
  storage::Position target_;
  Places scope_;
  bool is_empty_ = false;
  bool has_codes_ = false;
  std::array<bool, 256> is_code_ = {};
  std::uint32_t rows_of_codes_ = 0;
  std::vector<std::uint8_t> is_listed_;  // by code of a dictionary: null is not
  std::vector<Test> tests_;
  std::vector<Lead> leads_;
  std::string needle_;
  std::uint16_t search_slot_ = 0;
  double share_ = 1;
};

}  // namespace matricula::readmodel
