#include "execution/reads.h"

#include <gtest/gtest.h>

#include "execution/test_rows.h"

namespace matricula::execution {
namespace {

constexpr planning::Guard kGuard{.argument = "planId", .text = "is there"};

// Finds a row where `finds` says so, and notes its snapshots and the company.
class TestSession final : public storage::Session {
 public:
  sql::Dialect dialect() const override { return sql::Dialect::kSqlite; }
  Result<storage::RowsHandle> query(const storage::Statement& statement,
                                    std::span<const storage::Bind>) override {
    EXPECT_EQ(statement.text(), kGuard.text);
    EXPECT_TRUE(in_snapshot);
    ++queries;
    rows = TestRows(finds ? std::vector<Cells>{{std::int64_t{1}}} : std::vector<Cells>{});
    return rows.handle();
  }
  Result<std::int64_t> execute(const storage::Statement&, std::span<const storage::Bind>) override {
    return 0;
  }
  Result<void> begin_snapshot() override {
    in_snapshot = true;
    ++snapshots;
    return {};
  }
  void end_snapshot() noexcept override { in_snapshot = false; }
  void set_deadline(std::chrono::nanoseconds) override {}
  void set_tenant(std::string_view company) override { tenant = company; }

  bool finds = true;
  bool in_snapshot = false;
  int snapshots = 0;
  int queries = 0;
  std::string tenant;
  TestRows rows{{}};
};

class NoTables final : public storage::TableReader {
 public:
  void begin() override {}
  Result<storage::RowsHandle> page(const storage::PageQuery&) override {
    return storage::RowsHandle();
  }
  bool can_add(const storage::PageQuery&) override { return false; }
  bool is_short(const storage::PageQuery&) override { return false; }
  std::optional<storage::UnsentStatement> page_statement(const storage::PageQuery&) override {
    return std::nullopt;
  }
  Result<std::int64_t> count(const storage::ListScope&) override { return 0; }
  bool is_count_kept(const storage::ListScope&) const override { return false; }
  std::optional<storage::UnsentStatement> count_statement(const storage::ListScope&) override {
    return std::nullopt;
  }
  Result<bool> exists_beyond(const storage::BoundQuery&) override { return false; }
};

class TestHeldList final : public storage::HeldList {
 public:
  Result<storage::RowsHandle> page(const storage::PageQuery&) override {
    return storage::RowsHandle();
  }
  bool can_add(const storage::PageQuery&) override { return false; }
  Result<std::int64_t> count(const storage::ListScope&) override { return 0; }
  Result<bool> exists_beyond(const storage::BoundQuery&) override { return false; }
  bool passes_guard(std::string_view, std::string_view) override { return is_passed; }
  void note_guard(std::string_view, std::string_view) override { is_passed = true; }

  bool is_passed = false;
};

// Has the list where `has` says so.
class TestMemory final : public storage::MemoryLists {
 public:
  void begin(std::chrono::nanoseconds) override {}
  void end() override { ++ends; }
  Result<storage::HeldList*> hold(const sql::Relation&, std::string_view, bool) override {
    return has ? &list : nullptr;
  }
  std::optional<storage::UnsentStatement> hold_statement(const sql::Relation&,
                                                         std::string_view) override {
    return std::nullopt;
  }
  Result<storage::HeldList*> hold_by(storage::Rows&, const sql::Relation&,
                                     std::string_view) override {
    return has ? &list : nullptr;
  }
  Result<std::optional<storage::RecordsVersion>> version(std::string_view) override {
    return storage::RecordsVersion{.sequence = 7};
  }

  bool has = true;
  int ends = 0;
  TestHeldList list;
};

class ReadsTest : public testing::Test {
 protected:
  storage::ListReader* reader(const planning::Guard* guard) {
    const Reads::Run run(reads_, "a");
    EXPECT_EQ(session_.tenant, "a");
    return reads_.reader_of({.relation = relation_, .company = "a", .guard = guard}).value();
  }

  TestSession session_;
  NoTables tables_;
  TestMemory memory_;
  sql::Relation relation_;
  Reads reads_{session_, tables_, &memory_};
};

TEST_F(ReadsTest, MemoryReadsWhatItHasAndTablesTheRest) {
  EXPECT_EQ(reader(nullptr), &memory_.list);
  memory_.has = false;
  EXPECT_EQ(reader(nullptr), &tables_);
  EXPECT_EQ(session_.snapshots, 0);
}

TEST_F(ReadsTest, AGuardIsLookedUpInASnapshotOnceForAState) {
  EXPECT_EQ(reader(&kGuard), &memory_.list);
  EXPECT_EQ(reader(&kGuard), &memory_.list);
  EXPECT_EQ(session_.queries, 1);
  EXPECT_EQ(session_.snapshots, 1);
}

TEST_F(ReadsTest, AGuardWithoutTheListInMemoryIsLookedUpEachTime) {
  memory_.has = false;
  EXPECT_EQ(reader(&kGuard), &tables_);
  EXPECT_EQ(reader(&kGuard), &tables_);
  EXPECT_EQ(session_.queries, 2);
}

TEST_F(ReadsTest, AGuardThatFindsNothingRefusesAndIsNotRemembered) {
  session_.finds = false;
  EXPECT_EQ(reader(&kGuard), nullptr);
  EXPECT_FALSE(memory_.list.is_passed);
  memory_.has = false;
  EXPECT_EQ(reader(&kGuard), nullptr);
}

TEST_F(ReadsTest, TheEndOfARunTakesBackWhatItSet) {
  {
    const Reads::Run run(reads_, "a");
    ASSERT_TRUE(reads_.begin_snapshot());
  }
  EXPECT_FALSE(session_.in_snapshot);
  EXPECT_FALSE(reads_.in_snapshot());
  EXPECT_EQ(session_.tenant, "");
  EXPECT_EQ(memory_.ends, 1);
}

TEST_F(ReadsTest, RowsOfAStateGiveTheListWhereItsGuardIsKnownToPass) {
  const Reads::GuardedList guarded{.relation = relation_, .company = "a", .guard = &kGuard};
  TestRows rows{{}};
  const auto early = reads_.reader_by(rows, guarded);
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, ErrorCode::kUnavailable);
  memory_.list.is_passed = true;
  EXPECT_EQ(reads_.reader_by(rows, guarded).value(), &memory_.list);
  memory_.has = false;
  EXPECT_FALSE(reads_.reader_by(rows, guarded));
}

TEST_F(ReadsTest, WithoutMemoryThereIsNoVersion) {
  Reads without(session_, tables_, nullptr);
  EXPECT_EQ(reads_.version("a").value()->sequence, 7);
  EXPECT_FALSE(without.version("a").value());
  EXPECT_EQ(without.reader_of({.relation = relation_, .company = "a"}).value(), &tables_);
  EXPECT_FALSE(without.state_statement({.relation = relation_, .company = "a"}));
}

}  // namespace
}  // namespace matricula::execution
