#include <gtest/gtest.h>
#include <optional>
#include <string>

#include "auth/trail/audit.h"
#include "base/assert.h"
#include "server/store.h"
#include "storage/sql_list_reader.h"
#include "storage/testing.h"
#include "tests/cases/every_list.h"

// How SQLite goes about each list: a page is read from one range of the order's index, wherever it
// lies, and a filter that leads into the table leads in through an index. SQLite chooses from the
// statement and the schema alone (no store of ours has statistics), so an empty store shows what a
// large one does.
namespace matricula::cases {
namespace {

using sql::Filter;
using storage::Position;

class ExplainedSqlite final : public ExplainingSession {
 public:
  using ExplainingSession::ExplainingSession;

  std::string steps;  // SQLite's plan of the last statement, a line each (sqlite.org/eqp.html)

 private:
  Result<void> explain(const storage::Statement& statement,
                       std::span<const storage::Bind> binds) override {
    const storage::Statement explain("EXPLAIN QUERY PLAN " + statement.text());
    MATRICULA_TRY(const storage::RowsHandle rows, session().query(explain, binds));
    steps.clear();
    while (*rows->next()) {
      const std::string step(rows->text(3));
      // A list of values is read once.
      const bool is_of_list =
          step.starts_with("LIST SUBQUERY") || step.find("value_list") != std::string::npos;
      steps += is_of_list ? "" : step + "\n";
    }
    return {};
  }
};

class QueryPlans : public testing::Test {
 protected:
  QueryPlans() {
    auto opened = server::open_store(directory_.file("store.db"), {}, clock_);
    MATRICULA_ASSERT(opened.has_value());
    database_ = *std::move(opened);
    session_ = *database_->open_reader();
    explaining_.emplace(*session_);
    reader_.emplace(*explaining_, 2'000);
  }

  template <typename Check>
  void for_each_list(const Check& check) {
    lists_.for_each(check);
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
  std::optional<ExplainedSqlite> explaining_;
  std::optional<storage::SqlListReader> reader_;
  const EveryList lists_;
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

// Of a company's lines alone, however many others have.
TEST_F(QueryPlans, TheTrailOfACompanyIsOneRangeOfAnIndex) {
  const auto expect_range = [&] {
    EXPECT_TRUE(explaining_->steps.starts_with(
        "SEARCH c USING COVERING INDEX audit_companies_by_company (company_id=? AND number<?)\n"
        "SEARCH l USING INTEGER PRIMARY KEY (rowid=?)\n"))
        << explaining_->steps;
    EXPECT_EQ(explaining_->steps.find("TEMP B-TREE"), std::string::npos) << explaining_->steps;
  };
  ASSERT_TRUE(auth::read_audit(*explaining_, {.action = "token.", .company_id = "11"}));
  expect_range();
  ASSERT_TRUE(auth::read_company_audit(*explaining_, "11", 1'000, 50));
  expect_range();
}

}  // namespace
}  // namespace matricula::cases
