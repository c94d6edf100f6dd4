#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <regex>
#include <string>

#include "auth/trail/audit.h"
#include "exchange/generate.h"
#include "exchange/import.h"
#include "server/store.h"
#include "storage/postgres/testing_cluster.h"
#include "storage/sql_list_reader.h"
#include "storage/testing.h"
#include "tests/cases/every_list.h"
#include "tests/must.h"

// How PostgreSQL goes about each list, with statistics of a store that is large enough for indexes:
// pages walk one, and filters lead in through one. Our sessions plan a statement once, without its
// values, so its plan is that of every request. Of several filters, or of a filter between two
// bounds, it expects so few rows that it may sort them instead.
namespace matricula::cases {
namespace {

using sql::FilterKind;
using storage::Position;
using storage::postgres::PrivateCluster;

class ExplainedPostgres final : public ExplainingSession {
 public:
  using ExplainingSession::ExplainingSession;

  const std::string& plan() const { return plans.at(text); }

  std::map<std::string, std::string> plans;  // by text

 private:
  Result<void> explain(const storage::Statement& statement,
                       std::span<const storage::Bind>) override {
    if (!plans.contains(statement.text())) {
      MATRICULA_TRY(plans[statement.text()], plan_of(statement.text()));
    }
    return {};
  }

  // The plan without values (PostgreSQL's manual, "PREPARE", section "Notes").
  Result<std::string> plan_of(const std::string& statement) {
    static const std::regex kParameter("\\?(\\d+)");
    std::size_t parameters = 0;
    for (std::sregex_iterator each(statement.begin(), statement.end(), kParameter);
         each != std::sregex_iterator(); ++each) {
      parameters = std::max<std::size_t>(parameters, std::stoul((*each)[1]));
    }
    const std::string name = "explained_" + std::to_string(plans.size());
    std::string values;
    for (std::size_t i = 0; i < parameters; ++i) {
      values += i == 0 ? "(NULL" : ", NULL";
    }
    const storage::Statement prepare("PREPARE " + name + " AS " + statement);
    MATRICULA_CHECK(session().execute(prepare, {}));
    const storage::Statement explain("EXPLAIN (COSTS OFF) EXECUTE " + name +
                                     (parameters == 0 ? "" : values + ")"));
    MATRICULA_TRY(const storage::RowsHandle rows, session().query(explain, {}));
    std::string plan;
    for (;;) {
      MATRICULA_TRY(const bool is_row, rows->next());
      if (!is_row) {
        return plan;
      }
      plan.append(rows->text(0)).append("\n");
    }
  }
};

class PostgresPlans : public testing::Test {
 protected:
  PostgresPlans() {
    const PrivateCluster& cluster = PrivateCluster::instance();
    const SystemClock clock;
    exchange::GenerateOptions data{.out = directory_.file("data"), .companies = 2};
    data.learners = 6'000;
    must(exchange::generate(data, clock));
    {
      const auto owned =
          must(server::open_store(cluster.url(name_), {.app_role = "matricula_app"}, clock));
      must(exchange::import_paths(*owned, std::span(&data.out, 1), {}, clock));
    }
    cluster.run("VACUUM ANALYZE", name_);
    database_ =
        must(server::open_store(cluster.url(name_, "matricula_app"), {.migrate = false}, clock_));
    session_ = must(database_->open_reader());
    company_ = cluster.run("SELECT company_id FROM program_progress LIMIT 1", name_);
    session_->set_tenant(company_);
    explaining_.emplace(*session_);
    reader_.emplace(*explaining_, 2'000);
  }
  ~PostgresPlans() override {
    session_.reset();
    database_.reset();
    PrivateCluster::instance().drop_database(name_);
  }

  bool has(std::string_view step) const {
    return explaining_->plan().find(step) != std::string::npos;
  }
  // No table that grows is read from end to end.
  void expect_indexes_alone() {
    for (const char* table : {"program_progress", "assessment_progress", "learning_plan_progress",
                              "users", "people_blocks", "people_grams", "company_people"}) {
      // Tables of counts, which have names that begin so, are small.
      const std::string scan = std::string("Seq Scan on ") + table;
      EXPECT_FALSE(has(scan + " ") || has(scan + "\n")) << table;
    }
  }
  // One index is walked, and ends with the page.
  void expect_walk() {
    expect_indexes_alone();
    EXPECT_FALSE(has("Sort"));
    EXPECT_FALSE(has("Bitmap Heap Scan on program_progress t"));
  }
  // Whether a filter of the list is one over the key of the order.
  static bool is_narrowed_by_key(const storage::ListScope& scope, std::uint16_t order) {
    return std::ranges::any_of(scope.conditions, [&](const storage::Condition& condition) {
      return scope.relation->filters[condition.filter].expression ==
             scope.relation->orders[order].key;
    });
  }

  ManualClock clock_;
  storage::TempDirectory directory_;
  std::string name_ = PrivateCluster::instance().new_database();
  std::string company_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<storage::Session> session_;
  std::optional<ExplainedPostgres> explaining_;
  std::optional<storage::SqlListReader> reader_;
  const EveryList lists_;
};

TEST_F(PostgresPlans, EveryPageOfEveryOrderWalksItsIndex) {
  lists_.for_each([&](const storage::ListScope& scope, std::uint16_t order, bool descending) {
    const auto columns = all_columns(*scope.relation);
    const Position inside = position_of(*scope.relation, order, 5);
    for (const sql::Direction direction : {sql::Direction::kForwards, sql::Direction::kBackwards}) {
      for (const Position* after : {static_cast<const Position*>(nullptr), &inside}) {
        for (const Position* before : {static_cast<const Position*>(nullptr), &inside}) {
          storage::PageQuery query{.scope = scope,
                                   .columns = columns,
                                   .order = order,
                                   .descending = descending,
                                   .direction = direction,
                                   .after = after,
                                   .before = before,
                                   .limit = 51,
                                   .with_beyond = after != nullptr || before != nullptr,
                                   .with_count = true};
          query.with_beyond = query.with_beyond && reader_->can_add(query);
          query.with_count = reader_->can_add(query);
          const auto rows = reader_->page(query);
          ASSERT_TRUE(rows.has_value()) << rows.error().internal << explaining_->text;
          SCOPED_TRACE(explaining_->text + "\n" + explaining_->plan());
          const bool is_between = after != nullptr && before != nullptr;
          const bool is_walked =
              scope.conditions.empty() ||
              (scope.conditions.size() == 1 && !is_between && !is_narrowed_by_key(scope, order) &&
               explaining_->text.find(" IS TRUE") != std::string::npos);
          is_walked ? expect_walk() : expect_indexes_alone();
        }
      }
    }
  });
  EXPECT_GT(explaining_->plans.size(), 1'000U);
}

TEST_F(PostgresPlans, WhatIsBeyondAPageReadsAnIndex) {
  lists_.for_each([&](const storage::ListScope& scope, std::uint16_t order, bool descending) {
    const Position bound = position_of(*scope.relation, order, 5);
    for (const bool behind : {false, true}) {
      ASSERT_TRUE(reader_
                      ->exists_beyond({.scope = scope,
                                       .order = order,
                                       .descending = descending,
                                       .at_or_before = behind ? &bound : nullptr,
                                       .at_or_after = behind ? nullptr : &bound})
                      .has_value());
      SCOPED_TRACE(explaining_->text + "\n" + explaining_->plan());
      expect_indexes_alone();
    }
  });
}

TEST_F(PostgresPlans, ANarrowFilterLeadsInThroughAnIndex) {
  explaining_->wide = false;
  lists_.for_each([&](const storage::ListScope& scope, std::uint16_t order, bool descending) {
    if (scope.conditions.size() != 1 ||
        !scope.relation->filters[scope.conditions.front().filter].indexed) {
      return;
    }
    const auto columns = all_columns(*scope.relation);
    const Position bound = position_of(*scope.relation, order, 5);
    const auto rows = reader_->page({.scope = scope,
                                     .columns = columns,
                                     .order = order,
                                     .descending = descending,
                                     .after = &bound,
                                     .limit = 51});
    ASSERT_TRUE(rows.has_value()) << explaining_->text;
    SCOPED_TRACE(explaining_->text + "\n" + explaining_->plan());
    expect_indexes_alone();
  });
}

TEST_F(PostgresPlans, CountsReadAnIndexOrWhatWritesKeep) {
  for (const bool wide : {false, true}) {
    explaining_->wide = wide;
    lists_.for_each([&](const storage::ListScope& scope, std::uint16_t order, bool descending) {
      if (order != 0 || descending || scope.conditions.size() > 1) {
        return;
      }
      explaining_->text.clear();
      ASSERT_TRUE(reader_->count(scope).has_value());
      if (!explaining_->text.empty()) {
        SCOPED_TRACE(explaining_->text + "\n" + explaining_->plan());
        expect_indexes_alone();
      }
    });
  }
}

TEST_F(PostgresPlans, ASearchReadsBlocksAndThePeopleThatTheyName) {
  for (const std::string needle : {"a", "an", "ann", "anna w"}) {
    for (const sql::Relation* relation : lists_.relations()) {
      for (std::size_t i = 0; i < relation->filters.size(); ++i) {
        if (relation->filters[i].kind != FilterKind::kSearch) {
          continue;
        }
        const storage::Condition condition{.filter = static_cast<std::uint16_t>(i),
                                           .search = needle};
        const auto columns = all_columns(*relation);
        must(session_->begin_snapshot());
        {
          const auto rows = must(reader_->page({.scope = {.relation = relation,
                                                          .company = company_,
                                                          .conditions = std::span(&condition, 1)},
                                                .columns = columns,
                                                .limit = 51}));
          while (must(rows->next())) {
          }
        }
        session_->end_snapshot();
      }
    }
  }
  for (const auto& [text, plan] : explaining_->plans) {
    explaining_->text = text;
    SCOPED_TRACE(text + "\n" + plan);
    expect_indexes_alone();
  }
}

// Of a company's lines alone, whatever it expects of their number: one company has most lines here.
TEST(PostgresTrail, TheTrailOfACompanyIsOneRangeOfAnIndex) {
  PrivateCluster& cluster = PrivateCluster::instance();
  const std::string name = cluster.new_database();
  {
    const SystemClock clock;
    const auto database = must(server::open_store(cluster.url(name), {}, clock));
    cluster.run(
        "INSERT INTO audit_log(at, actor_kind, actor_id, address, action, target, detail, refused)"
        " SELECT i, 'operator', '', '', 'token.create', '', '', 0 FROM generate_series(1, 20000) i;"
        " INSERT INTO audit_companies(number, company_id)"
        " SELECT number, CASE number % 1000 WHEN 0 THEN '12' ELSE '11' END FROM audit_log",
        name);
    cluster.run("VACUUM ANALYZE", name);
    const auto session = must(database->open_reader());
    ExplainedPostgres explaining(*session);
    const auto lines = must(auth::read_audit(explaining, {.action = "token.", .company_id = "12"}));
    EXPECT_EQ(lines.size(), 20U);
    EXPECT_EQ(must(auth::read_company_audit(explaining, "12", 1'000'000, 50)).size(), 20U);
    for (const auto& [text, plan] : explaining.plans) {
      SCOPED_TRACE(text + "\n" + plan);
      EXPECT_EQ(plan.find("Seq Scan"), std::string::npos);
      EXPECT_EQ(plan.find("Merge Join"), std::string::npos);
      EXPECT_EQ(plan.find("Hash"), std::string::npos);
    }
  }
  cluster.drop_database(name);
}

}  // namespace
}  // namespace matricula::cases
