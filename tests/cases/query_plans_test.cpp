#include <gtest/gtest.h>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "base/assert.h"
#include "domains/domains.h"
#include "server/store.h"
#include "storage/list_reader.h"
#include "storage/testing.h"

// How SQLite goes about each list: a page is read from one range of the order's index, wherever it
// lies, and a filter that leads into the table leads in through an index. SQLite chooses from the
// statement and the schema alone (no store of ours has statistics), so an empty store shows what a
// large one does.
namespace matricula::cases {
namespace {

using sql::ColumnType;
using sql::Filter;
using sql::FilterKind;
using sql::Relation;
using storage::Condition;
using storage::KeyValue;
using storage::Position;

// One row with one large number: a filter that finds many.
class ManyRows final : public storage::Rows {
 public:
  Result<bool> next() override { return true; }
  bool is_null(unsigned) const override { return false; }
  std::int64_t integer(unsigned) const override { return 1'000'000; }
  double real(unsigned) const override { return 0; }
  std::string_view text(unsigned) const override { return {}; }
  storage::Bytes bytes(unsigned) const override { return {}; }
  void finish() noexcept override {}
};

// Explains each statement instead of running it, and says that every filter is wide, or narrow.
class ExplainingSession final : public storage::Session {
 public:
  explicit ExplainingSession(storage::Session& session) : session_(session) {}

  Result<storage::RowsHandle> query(const storage::Statement& statement,
                                    std::span<const storage::Bind> binds) override {
    text = statement.text();
    const bool asks_how_many = text.starts_with("SELECT count(*) FROM (SELECT 1") ||
                               text.starts_with("SELECT CAST(coalesce(sum(t.row_count)");
    if (wide && asks_how_many) {
      return storage::RowsHandle(&many_);
    }
    const storage::Statement explain("EXPLAIN QUERY PLAN " + text);
    {
      MATRICULA_TRY(const storage::RowsHandle rows, session_.query(explain, binds));
      steps.clear();
      while (*rows->next()) {
        const std::string step(rows->text(3));
        // A list of values is read once.
        const bool is_of_list =
            step.starts_with("LIST SUBQUERY") || step.find("value_list") != std::string::npos;
        steps += is_of_list ? "" : step + "\n";
      }
    }
    return session_.query(statement, binds);
  }
  Result<std::int64_t> execute(const storage::Statement& statement,
                               std::span<const storage::Bind> binds) override {
    return session_.execute(statement, binds);
  }
  Result<void> begin_snapshot() override { return session_.begin_snapshot(); }
  void end_snapshot() noexcept override { session_.end_snapshot(); }
  void set_deadline(std::chrono::nanoseconds deadline) override { session_.set_deadline(deadline); }
  void set_tenant(std::string_view company) override { session_.set_tenant(company); }

  bool wide = true;
  std::string text;   // of the last statement
  std::string steps;  // SQLite's plan of it, a line each (sqlite.org/eqp.html)

 private:
  storage::Session& session_;
  ManyRows many_;
};

// The n-th of a few values of a type, in their order.
KeyValue value_of(ColumnType type, int n) {
  switch (type) {
    case ColumnType::kReal:
      return n * 1.5;
    case ColumnType::kUuid:
      return std::string(16, static_cast<char>(n));
    case ColumnType::kText:
    case ColumnType::kJson:
      return std::string(1, static_cast<char>('a' + n));
    case ColumnType::kInteger:
    case ColumnType::kBoolean:
    case ColumnType::kTime:
      break;
  }
  return std::int64_t{n};
}

Position position_of(const Relation& relation, std::uint16_t order, int n) {
  Position position{value_of(relation.orders[order].type, n)};
  for (const sql::Tie& tie : relation.ties) {
    if (!relation.orders[order].unique) {
      position.push_back(value_of(tie.type, 5));
    }
  }
  return position;
}

// A filter over the values 4 to 6, or the one value 5.
Condition condition_of(const Relation& relation, std::size_t index, bool single) {
  const Filter& filter = relation.filters[index];
  Condition condition{.filter = static_cast<std::uint16_t>(index)};
  switch (filter.kind) {
    case FilterKind::kAnyOf:
      condition.any_of =
          single ? std::vector<KeyValue>{value_of(filter.type, 5)}
                 : std::vector<KeyValue>{value_of(filter.type, 4), value_of(filter.type, 6)};
      break;
    case FilterKind::kHalfOpen:
    case FilterKind::kClosed:
      if (!single) {
        condition.from = value_of(filter.type, 4);
      }
      condition.to = value_of(filter.type, 6);
      break;
    case FilterKind::kSearch:
      condition.search = "needle";
      break;
  }
  return condition;
}

std::vector<std::uint16_t> all_columns(const Relation& relation) {
  std::vector<std::uint16_t> columns(relation.columns.size());
  std::iota(columns.begin(), columns.end(), std::uint16_t{0});
  return columns;
}

class QueryPlans : public testing::Test {
 protected:
  QueryPlans() {
    auto opened = server::open_store(directory_.file("store.db"), {}, clock_);
    MATRICULA_ASSERT(opened.has_value());
    database_ = *std::move(opened);
    session_ = *database_->open_reader();
    explaining_.emplace(*session_);
    reader_.emplace(*explaining_, database_->dialect(), 2'000);
    for (const domains::Domain& domain : domains::all_domains()) {
      definitions_.push_back(domain.define());
    }
    for (const domains::Definition& definition : definitions_) {
      for (const planning::Root& root : definition.mapping.roots) {
        if (const auto* connection = std::get_if<planning::ConnectionRoot>(&root)) {
          relations_.push_back(&connection->relation);
        }
      }
    }
  }

  // Calls `check` with each relation, order, direction and narrowing: none, each filter with one
  // value or end and with two, all filters at once.
  template <typename Check>
  void for_each_list(Check check) {
    for (const Relation* relation : relations_) {
      std::vector<std::vector<Condition>> narrowings(2);
      for (std::size_t i = 0; i < relation->filters.size(); ++i) {
        if (relation->filters[i].kind == FilterKind::kSearch) {
          continue;  // its people lead in, and an empty store has none
        }
        narrowings[1].push_back(condition_of(*relation, i, false));
        narrowings.push_back({condition_of(*relation, i, false)});
        narrowings.push_back({condition_of(*relation, i, true)});
      }
      const std::vector<KeyValue> fixed(relation->fixed.size(), KeyValue(std::string("plan")));
      for (const std::vector<Condition>& conditions : narrowings) {
        for (std::size_t order = 0; order < relation->orders.size(); ++order) {
          for (const bool descending : {false, true}) {
            check(
                storage::ListScope{
                    .relation = relation, .company = "1", .fixed = fixed, .conditions = conditions},
                static_cast<std::uint16_t>(order), descending);
          }
        }
      }
    }
  }

  // The list's table is read from one range, no step reads a whole table, and nothing is sorted.
  // Where a bound of the page counts, the range begins or ends at it, ties included.
  void expect_one_range(bool bounded, bool unique) {
    SCOPED_TRACE(explaining_->text + "\n" + explaining_->steps);
    const std::string& steps = explaining_->steps;
    // One row may be looked up first: the plan whose progress is listed.
    // Where the index answers a filter, it is read alone, and rows are looked up one by one.
    const std::size_t index = steps.find("SEARCH k USING COVERING INDEX ");
    const std::size_t table = index != std::string::npos ? index : steps.find("SEARCH t USING ");
    ASSERT_NE(table, std::string::npos);
    EXPECT_TRUE(table == 0 || steps.substr(0, table) == "SEARCH l USING PRIMARY KEY (id=?)\n");
    const std::string first = steps.substr(table, steps.find('\n', table) - table);
    EXPECT_NE(first.find("(company_id=?"), std::string::npos);
    EXPECT_EQ(steps.find("SCAN"), std::string::npos);
    EXPECT_EQ(steps.find("TEMP B-TREE"), std::string::npos);
    if (bounded) {
      const std::string_view place = unique ? "?" : "(?";
      EXPECT_TRUE(first.find(std::string(">").append(place)) != std::string::npos ||
                  first.find(std::string("<").append(place)) != std::string::npos);
    }
  }

  ManualClock clock_;
  storage::TempDirectory directory_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<storage::Session> session_;
  std::optional<ExplainingSession> explaining_;
  std::optional<storage::SqlListReader> reader_;
  std::vector<domains::Definition> definitions_;
  std::vector<const Relation*> relations_;
};

TEST_F(QueryPlans, EveryPageOfEveryOrderIsOneRangeOfAnIndex) {
  int pages = 0;
  for_each_list([&](const storage::ListScope& scope, std::uint16_t order, bool descending) {
    const auto columns = all_columns(*scope.relation);
    const bool unique = scope.relation->orders[order].unique;
    const Position inside = position_of(*scope.relation, order, 5);
    for (const sql::Direction direction : {sql::Direction::kForwards, sql::Direction::kBackwards}) {
      for (const Position* after : {static_cast<const Position*>(nullptr), &inside}) {
        for (const Position* before : {static_cast<const Position*>(nullptr), &inside}) {
          const auto rows = reader_->page({.scope = scope,
                                           .columns = columns,
                                           .order = order,
                                           .descending = descending,
                                           .direction = direction,
                                           .after = after,
                                           .before = before,
                                           .limit = 51});
          ASSERT_TRUE(rows.has_value()) << explaining_->text;
          expect_one_range(after != nullptr || before != nullptr, unique);
          ++pages;
        }
      }
    }
  });
  EXPECT_GT(pages, 2'000);
}

TEST_F(QueryPlans, ABoundOutsideOfTheFilterLeavesTheFiltersRange) {
  for_each_list([&](const storage::ListScope& scope, std::uint16_t order, bool descending) {
    const auto columns = all_columns(*scope.relation);
    for (const int outside : {1, 9}) {
      const Position bound = position_of(*scope.relation, order, outside);
      const auto rows = reader_->page({.scope = scope,
                                       .columns = columns,
                                       .order = order,
                                       .descending = descending,
                                       .after = &bound,
                                       .limit = 51});
      ASSERT_TRUE(rows.has_value()) << explaining_->text;
      expect_one_range(false, false);
      EXPECT_NE(explaining_->steps.find_first_of("<>"), std::string::npos);
    }
  });
}

TEST_F(QueryPlans, WhatStandsBeyondAPageIsOneRangeOfAnIndex) {
  for_each_list([&](const storage::ListScope& scope, std::uint16_t order, bool descending) {
    const Position bound = position_of(*scope.relation, order, 5);
    for (const bool behind : {false, true}) {
      const auto found = reader_->exists_beyond({.scope = scope,
                                                 .order = order,
                                                 .descending = descending,
                                                 .at_or_before = behind ? &bound : nullptr,
                                                 .at_or_after = behind ? nullptr : &bound});
      ASSERT_TRUE(found.has_value()) << explaining_->text;
      // The EXISTS is a step of its own, above that which reads the list.
      std::string& steps = explaining_->steps;
      EXPECT_TRUE(steps.starts_with("SCAN CONSTANT ROW\nSCALAR SUBQUERY ")) << steps;
      steps.erase(0, steps.find("SEARCH"));
      expect_one_range(true, scope.relation->orders[order].unique);
    }
  });
}

TEST_F(QueryPlans, ANarrowFilterLeadsInThroughAnIndex) {
  explaining_->wide = false;
  for_each_list([&](const storage::ListScope& scope, std::uint16_t order, bool descending) {
    if (scope.conditions.size() != 1) {
      return;
    }
    const std::size_t place = scope.conditions.front().filter;
    const Filter& filter = scope.relation->filters[place];
    const bool is_later = place > 0 && scope.relation->filters[place - 1].is_joint;
    if (!filter.indexed || (filter.is_joint && is_later)) {
      return;
    }
    const Position bound = position_of(*scope.relation, order, 5);
    const auto columns = all_columns(*scope.relation);
    const auto rows = reader_->page({.scope = scope,
                                     .columns = columns,
                                     .order = order,
                                     .descending = descending,
                                     .after = &bound,
                                     .limit = 51});
    ASSERT_TRUE(rows.has_value()) << explaining_->text;
    SCOPED_TRACE(explaining_->text + "\n" + explaining_->steps);
    EXPECT_EQ(explaining_->steps.find("SCAN t"), std::string::npos);
    const std::size_t table = explaining_->steps.find("SEARCH t USING ");
    ASSERT_NE(table, std::string::npos);
    // More than the company, and the plan where there is one, is looked up.
    std::string keys = explaining_->steps.substr(table);
    keys.resize(keys.find('\n'));
    const std::string_view parent =
        scope.relation->fixed.empty() ? "company_id=? AND " : "plan_id=? AND ";
    EXPECT_NE(keys.find(parent), std::string::npos);
  });
}

}  // namespace
}  // namespace matricula::cases
