#pragma once

#include <array>
#include <cstdint>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "readmodel/editor.h"
#include "readmodel/model_rows.h"
#include "readmodel/selector.h"
#include "readmodel/testing.h"

namespace matricula::readmodel {

storage::KeyValue key_value_of(const Cell& cell);

// Compares random requests to a snapshot with those to a plain list.
class Comparison {
 public:
  explicit Comparison(std::uint32_t seed, const SelectorLimits& limits = {},
                      const sql::Relation& relation = test_relation())
      : relation_(relation), maker_(seed), layout_(*Layout::of(relation)), selector_(limits) {}

  void begin(std::size_t people) {
    list_ = maker_.list(people);
    set(built(list_, layout_));
  }
  PlainListMaker& maker() { return maker_; }
  PlainList& list() { return list_; }
  const std::shared_ptr<const Snapshot>& snapshot() const { return snapshot_; }
  void set(std::shared_ptr<const Snapshot> next) {
    snapshot_ = std::move(next);
    for (auto& order : orders_) {
      order.clear();
    }
  }
  const Layout& layout() const { return layout_; }
  // The row's key, the fixed columns within.
  storage::Position key_of(const PlainRow& row) const;

  void compare(int requests) {
    for (int i = 0; i < requests && !testing::Test::HasFatalFailure(); ++i) {
      compare_request();
    }
  }
  // Every order in full.
  void compare_orders();

 private:
  storage::ListScope scope() const {
    return {.relation = &relation_, .company = "c", .fixed = fixed_, .conditions = conditions_};
  }
  struct Keyed {
    const PlainRow* row = nullptr;
    std::vector<storage::KeyValue> fixed;
    storage::Position position;
  };
  struct Request {
    std::uint16_t order = 0;
    bool descending = false;
    bool backwards = false;
    std::optional<storage::Position> after;
    std::optional<storage::Position> before;
    std::uint32_t limit = 0;
  };
  // What the plain list answers.
  struct Answer {
    std::vector<const PlainRow*> page;
    std::int64_t count = 0;
    bool goes_on_before = false;  // at or before `after`
    bool goes_on_behind = false;  // at or behind `before`
  };
  // The rows that have the fixed columns.
  std::vector<const Keyed*> in_order(std::uint16_t order);
  void expect_rows(const std::vector<std::uint32_t>& rows,
                   const std::vector<const PlainRow*>& expected, std::uint16_t order);

  void pick_fixed();
  void pick_conditions();
  void add_list(std::uint16_t filter, std::vector<storage::KeyValue> values);
  bool matches(const PlainRow& row) const;
  std::optional<storage::Position> pick_position(std::uint16_t order);
  Request pick_request();
  Answer expected_answer(const Request& request);
  void compare_request();

  const sql::Relation& relation_;
  PlainListMaker maker_;
  const Layout layout_;
  PlainList list_;
  std::shared_ptr<const Snapshot> snapshot_;
  std::array<std::vector<Keyed>, 6> orders_;  // while nothing is written
  std::vector<storage::KeyValue> fixed_;
  std::vector<storage::Condition> conditions_;
  Selector selector_;
  ModelRows model_rows_;
};

// Random writes, as one transaction makes them.
class Writes {
 public:
  Writes(Comparison& comparison, SnapshotEditor& editor)
      : comparison_(comparison),
        maker_(comparison.maker()),
        list_(comparison.list()),
        from_(list_, comparison.layout()),
        editor_(editor) {}

  void remove_some(std::size_t rows) {
    for (; rows > 0 && list_.rows.size() > 1; --rows) {
      auto row = random_row();
      editor_.remove(comparison_.key_of(row->second));
      list_.rows.erase(row);
    }
    editor_.remove(comparison_.key_of({.person = 0, .program = "none"}));
  }
  void put_some(std::size_t rows) {
    for (; rows > 0; --rows) {
      auto person = static_cast<std::uint32_t>(maker_.pick(list_.people.size()));
      if (maker_.pick(4) == 0) {
        person = static_cast<std::uint32_t>(list_.people.size());
        list_.people.push_back(maker_.person(person));
      }
      PlainRow row = maker_.row(person);
      if (maker_.pick(8) == 0) {
        row.status = "STATUS_" + std::to_string(maker_.pick(6));
      }
      list_.rows[{list_.people[person].id, row.program}] = row;
      put(row);
    }
  }
  // Gives people other names and addresses; two of them exchange theirs. Their rows come in any
  // order.
  void rename_some(std::size_t people) {
    std::vector<bool> is_renamed(list_.people.size(), false);
    for (; people > 0; --people) {
      const std::size_t a = maker_.pick(list_.people.size());
      const std::size_t b = maker_.pick(list_.people.size());
      std::swap(list_.people[a].email, list_.people[b].email);
      list_.people[a].first = maker_.new_name();
      const std::size_t c = maker_.pick(list_.people.size());
      list_.people[c].email = maker_.new_email(list_.people.size() + people * 1'000);
      for (const std::size_t each : {a, b, c}) {
        is_renamed[each] = true;
      }
    }
    put_all([&](const PlainRow& row) { return is_renamed[row.person]; });
  }
  void retitle() {
    const std::string program = "p" + std::to_string(maker_.pick(12));
    list_.titles[program] = "Title " + std::to_string(maker_.pick(9));
    put_all([&](const PlainRow& row) { return row.program == program; });
  }

 private:
  std::map<std::pair<std::string, std::string>, PlainRow>::iterator random_row() {
    auto row = list_.rows.begin();
    std::advance(row, static_cast<std::ptrdiff_t>(maker_.pick(list_.rows.size())));
    return row;
  }
  template <typename Keeps>
  void put_all(const Keeps& keeps) {
    for (const auto& [key, row] : list_.rows) {
      if (keeps(row)) {
        put(row);
      }
    }
  }
  void put(const PlainRow& row) {
    from_.set(row);
    ASSERT_TRUE(editor_.put(from_));
  }

  const Comparison& comparison_;
  PlainListMaker& maker_;
  PlainList& list_;
  PlainRows from_;
  SnapshotEditor& editor_;
};

}  // namespace matricula::readmodel
