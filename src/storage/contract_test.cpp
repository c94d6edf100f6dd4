// What every store promises, whichever engine is behind it.
#include <algorithm>
#include <array>
#include <future>
#include <gtest/gtest.h>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "sql/list_text.h"
#include "storage/limits.h"
#include "storage/postgres/testing_cluster.h"
#include "storage/test_notes.h"
#include "storage/testing.h"

namespace matricula::storage {
namespace {

class SqliteStore {
 public:
  static constexpr std::string_view kDuplicate =
      "sqlite 1555: UNIQUE constraint failed: notes.id; in: INSERT INTO notes(id, body) "
      "VALUES(?1, ?2)";

  Database& database() { return store_.database(); }

 private:
  TempStore store_{kNotesMigrations};
};

class PostgresStore {
 public:
  static constexpr std::string_view kDuplicate =
      "postgresql 23505: duplicate key value violates unique constraint \"notes_pkey\"; in: "
      "INSERT INTO notes(id, body) VALUES($1, $2)";

  PostgresStore() = default;
  PostgresStore(const PostgresStore&) = delete;
  PostgresStore& operator=(const PostgresStore&) = delete;
  ~PostgresStore() {
    database_.reset();
    cluster_.drop_database(name_);
  }
  Database& database() { return *database_; }

 private:
  SystemClock clock_;
  postgres::PrivateCluster& cluster_ = postgres::PrivateCluster::instance();
  std::string name_ = cluster_.new_database();
  std::unique_ptr<Database> database_ =
      open_database(cluster_.url(name_), {.migrations = kNotesMigrations}, clock_).value();
};

// Of the first note.
constexpr std::string_view kBody("a\0b\1\xC3\xA9", 6);
constexpr std::array kData = {std::byte{0}, std::byte{255}, std::byte{1}};

template <typename Store>
class StoreContract : public testing::Test {
 protected:
  std::unique_ptr<Session> reader() { return database().open_reader().value(); }
  Database& database() { return store_.database(); }

  // Three notes: with every value, with empty ones, and with nulls.
  void write_notes() {
    const Statement insert("INSERT INTO notes VALUES(?1, ?2, ?3, ?4)");
    ASSERT_TRUE(database().write([&](Session& session) -> Result<void> {
      const Bind full[] = {std::int64_t{-1}, std::string_view(kBody), 0.25, Bytes(kData)};
      EXPECT_EQ(session.execute(insert, full), 1);
      const Bind empty[] = {std::int64_t{2}, std::string_view(), 0.0, Bytes()};
      EXPECT_EQ(session.execute(insert, empty), 1);
      const Bind nothing[] = {std::int64_t{3}, std::monostate(), std::monostate(),
                              std::monostate()};
      EXPECT_EQ(session.execute(insert, nothing), 1);
      return {};
    }));
  }

  SystemClock clock_;
  Store store_;
};

struct EngineNames {
  template <typename Store>
  static std::string GetName(int) {
    return std::is_same_v<Store, SqliteStore> ? "Sqlite" : "Postgres";
  }
};

using Engines = testing::Types<SqliteStore, PostgresStore>;
TYPED_TEST_SUITE(StoreContract, Engines, EngineNames);

TYPED_TEST(StoreContract, EveryKindOfValueComesBackAsItWasBound) {
  this->write_notes();
  const auto session = this->reader();
  const Statement all("SELECT body, weight, data, id FROM notes ORDER BY id");
  const RowsHandle rows = session->query(all, {}).value();
  ASSERT_EQ(rows->next(), true);
  EXPECT_EQ(rows->text(0), kBody);
  EXPECT_EQ(rows->real(1), 0.25);
  EXPECT_TRUE(std::ranges::equal(rows->bytes(2), kData));
  EXPECT_EQ(rows->integer(3), -1);
  ASSERT_EQ(rows->next(), true);
  EXPECT_FALSE(rows->is_null(0));
  EXPECT_EQ(rows->text(0), "");
  EXPECT_FALSE(rows->is_null(2));
  ASSERT_EQ(rows->next(), true);
  EXPECT_TRUE(rows->is_null(0));
  EXPECT_EQ(rows->text(0), "");
  EXPECT_TRUE(rows->is_null(1));
  EXPECT_EQ(rows->real(1), 0.0);
  EXPECT_TRUE(rows->is_null(2));
  EXPECT_TRUE(rows->bytes(2).empty());
  EXPECT_EQ(rows->next(), false);
  EXPECT_EQ(rows->next(), false);
  EXPECT_TRUE(rows->is_null(0));
}

TYPED_TEST(StoreContract, ARowIsReadAtOnceAsItsColumnsAreOneByOne) {
  this->write_notes();
  const auto session = this->reader();
  const Statement all("SELECT body, weight, data, id FROM notes ORDER BY id");
  constexpr std::array kTypes = {ValueType::kText, ValueType::kReal, ValueType::kBytes,
                                 ValueType::kInteger};
  std::array<Bind, kTypes.size()> values;
  const RowsHandle rows = session->query(all, {}).value();
  ASSERT_EQ(rows->next(), true);
  rows->read(kTypes, values);
  EXPECT_EQ(std::get<std::string_view>(values[0]), kBody);
  EXPECT_EQ(std::get<double>(values[1]), 0.25);
  EXPECT_TRUE(std::ranges::equal(std::get<Bytes>(values[2]), kData));
  EXPECT_EQ(std::get<std::int64_t>(values[3]), -1);
  ASSERT_EQ(rows->next(), true);
  rows->read(kTypes, values);
  EXPECT_EQ(std::get<std::string_view>(values[0]), "");
  EXPECT_TRUE(std::get<Bytes>(values[2]).empty());
  ASSERT_EQ(rows->next(), true);
  rows->read(kTypes, values);
  for (const Bind& value : std::span(values).first(3)) {
    EXPECT_TRUE(std::holds_alternative<std::monostate>(value));
  }
  EXPECT_EQ(std::get<std::int64_t>(values[3]), 3);
  // Fewer types are the first columns.
  rows->read(std::span(kTypes).first(1), values);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(values[0]));
}

// PostgreSQL takes 65,535 parameters, and SQLite's preparing was quadratic in them.
TYPED_TEST(StoreContract, AListIsOneParameterHoweverLongItIs) {
  const sql::Dialect dialect = this->database().dialect();
  const std::string zero("a\0b", 3);
  const std::array<std::byte, 2> data = {std::byte{0}, std::byte{7}};
  ASSERT_TRUE(this->database().write([&](Session& session) -> Result<void> {
    const Statement insert("INSERT INTO notes VALUES(?1, ?2, ?3, ?4)");
    const Bind first[] = {std::int64_t{-1}, std::string_view(zero), 0.25, Bytes(data)};
    EXPECT_EQ(session.execute(insert, first), 1);
    const Bind second[] = {std::int64_t{70'000}, std::string_view(), 1.0, Bytes()};
    EXPECT_EQ(session.execute(insert, second), 1);
    return {};
  }));
  const auto session = this->reader();
  const auto sum_where = [&](std::string_view column, std::vector<Value> values) {
    const Statement sum("SELECT CAST(coalesce(sum(id), 0) AS BIGINT) FROM notes WHERE " +
                        sql::in_list(column, "?1", dialect));
    const Bind binds[] = {ValueList{values}};
    return number(*session, sum, binds);
  };
  EXPECT_EQ(sum_where("id", {}), 0);
  EXPECT_EQ(sum_where("id", {std::int64_t{-1}, std::int64_t{3}}), -1);
  EXPECT_EQ(sum_where("body", {std::string_view("x"), std::string_view(zero)}), -1);
  EXPECT_EQ(sum_where("body", {std::string_view()}), 70'000);
  EXPECT_EQ(sum_where("weight", {0.5, 0.25}), -1);
  EXPECT_EQ(sum_where("data", {Bytes(data), Bytes()}), 69'999);
  std::vector<Value> many;
  for (std::int64_t i = -1; i < 100'000; ++i) {
    many.emplace_back(i);
  }
  EXPECT_EQ(sum_where("id", std::move(many)), 69'999);
}

TYPED_TEST(StoreContract, AFailedWriteLeavesNothing) {
  const Result<void> written = this->database().write([&](Session& session) -> Result<void> {
    const Bind binds[] = {std::int64_t{1}, std::string_view("lost")};
    MATRICULA_CHECK(session.execute(insert_note(), binds));
    return fail(ErrorCode::kUnauthorized, "No.");
  });
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error(), (Error{ErrorCode::kUnauthorized, "No."}));
  EXPECT_EQ(count_notes(*this->reader()), 0);
  EXPECT_TRUE(add_note(this->database(), 1, "kept"));
}

TYPED_TEST(StoreContract, AWriteWaitsForOthersNoLongerThanItsCallerDoes) {
  using std::chrono::seconds;
  using Write = std::function<Result<void>(std::chrono::nanoseconds, const Work&)>;
  Database& database = this->database();
  const std::pair<std::string_view, Write> ways[] = {
      {"write", [&](auto until, const Work& work) { return database.write(until, work); }},
      {"write_access",
       [&](auto until, const Work& work) { return database.write_access(until, work); }},
      {"write_keeping_caches",
       [&](auto until, const Work& work) { return database.write_keeping_caches(until, work); }},
  };
  const Work nothing = [](Session&) { return Result<void>(); };
  for (const auto& [name, write] : ways) {
    std::promise<void> holds;
    std::promise<void> ends;
    std::thread holder([&] {
      EXPECT_TRUE(database.write([&](Session&) -> Result<void> {
        holds.set_value();
        ends.get_future().wait();
        return {};
      })) << name;
    });
    holds.get_future().wait();
    const auto began = this->clock_.monotonic();
    const Result<void> late = write(began + std::chrono::milliseconds(200), nothing);
    const Result<void> too_late = write(began, nothing);
    const auto waited = this->clock_.monotonic() - began;
    ends.set_value();
    holder.join();
    ASSERT_FALSE(late) << name;
    EXPECT_EQ(late.error().code, ErrorCode::kUnavailable) << late.error().internal;
    ASSERT_FALSE(too_late) << name;
    EXPECT_LT(waited, seconds(5)) << name;  // the store lets writers wait for 10 s
    EXPECT_TRUE(write(this->clock_.monotonic() + seconds(5), nothing)) << name;
    EXPECT_TRUE(write(kNoDeadline, nothing)) << name;
  }
}

TYPED_TEST(StoreContract, ExecuteTellsTheNumberOfChangedRows) {
  ASSERT_TRUE(add_note(this->database(), 1, "a"));
  ASSERT_TRUE(add_note(this->database(), 2, "b"));
  ASSERT_TRUE(this->database().write([](Session& session) -> Result<void> {
    EXPECT_EQ(session.execute(Statement("UPDATE notes SET body='c'"), {}), 2);
    EXPECT_EQ(session.execute(Statement("UPDATE notes SET body='c' WHERE id=9"), {}), 0);
    EXPECT_EQ(session.execute(Statement("CREATE TABLE other (id INTEGER)"), {}), 0);
    return {};
  }));
}

TYPED_TEST(StoreContract, ABrokenRuleIsAConflictAndOnlyTheLogHearsWhich) {
  ASSERT_TRUE(add_note(this->database(), 1, "first"));
  const Result<void> again = add_note(this->database(), 1, "second");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error(), (Error{ErrorCode::kConflict, "The change conflicts with what is stored.",
                                  std::string(TypeParam::kDuplicate)}));
}

TYPED_TEST(StoreContract, ReferencesAreKept) {
  const Result<void> written = this->database().write([](Session& session) -> Result<void> {
    MATRICULA_CHECK(session.execute(Statement("INSERT INTO replies VALUES(1, 99)"), {}));
    return {};
  });
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kConflict);
}

TYPED_TEST(StoreContract, ReadersCannotWrite) {
  const auto session = this->reader();
  const Result<std::int64_t> changed =
      session->execute(Statement("INSERT INTO notes(id) VALUES(1)"), {});
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, ErrorCode::kUnavailable);
}

TYPED_TEST(StoreContract, ASnapshotIsOneStateUntilItEnds) {
  const auto session = this->reader();
  ASSERT_TRUE(session->begin_snapshot());
  EXPECT_EQ(count_notes(*session), 0);
  ASSERT_TRUE(add_note(this->database(), 1, "later"));
  EXPECT_EQ(count_notes(*session), 0);
  session->end_snapshot();
  EXPECT_EQ(count_notes(*session), 1);
}

TYPED_TEST(StoreContract, ASnapshotEndsEvenAfterItsDeadline) {
  const auto session = this->reader();
  ASSERT_TRUE(session->begin_snapshot());
  EXPECT_EQ(count_notes(*session), 0);
  session->set_deadline(this->clock_.monotonic());
  session->end_snapshot();
  session->set_deadline(std::chrono::nanoseconds::max());
  ASSERT_TRUE(add_note(this->database(), 1, "x"));
  EXPECT_EQ(count_notes(*session), 1);
}

TYPED_TEST(StoreContract, AStatementThatRunsTooLongTimesOutAndTheSessionGoesOn) {
  const auto session = this->reader();
  const Statement endless(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT max(i) FROM n");
  for (const bool in_snapshot : {false, true}) {
    if (in_snapshot) {
      ASSERT_TRUE(session->begin_snapshot());
    }
    session->set_deadline(this->clock_.monotonic() + std::chrono::milliseconds(50));
    const Result<std::int64_t> ended = number(*session, endless);
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, ErrorCode::kTimeout);
    EXPECT_EQ(ended.error().message, "The request took longer than its limit.");
    EXPECT_EQ(count_notes(*session).error().code, ErrorCode::kTimeout);
    session->set_deadline(std::chrono::nanoseconds::max());
    if (in_snapshot) {
      session->end_snapshot();
    }
    EXPECT_EQ(count_notes(*session), 0);
  }
}

TYPED_TEST(StoreContract, MoreStatementsThanTheCacheHoldsStillWork) {
  const auto session = this->reader();
  const Statement first("SELECT -1");
  const RowsHandle held = session->query(first, {}).value();
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(kPreparedStatementsMax) + 10; ++i) {
    ASSERT_EQ(number(*session, Statement("SELECT " + std::to_string(i))), i);
  }
  EXPECT_EQ(held->next(), true);
  EXPECT_EQ(held->integer(0), -1);
}

TYPED_TEST(StoreContract, AHealthyStoreHasNoProblems) {
  ASSERT_TRUE(add_note(this->database(), 1, "x"));
  EXPECT_EQ(this->database().check(), std::vector<std::string>{});
  EXPECT_TRUE(this->database().health().reachable);
  EXPECT_TRUE(this->database().health().migrations_current);
}

}  // namespace
}  // namespace matricula::storage
