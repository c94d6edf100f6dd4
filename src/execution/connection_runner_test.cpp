#include "execution/connection_runner.h"

#include <gtest/gtest.h>

#include "execution/test_plans.h"
#include "execution/test_rows.h"
#include "planning/cursor.h"

namespace matricula::execution {
namespace {

// Gives made-up rows, and notes what it is asked.
class TestReader final : public storage::TableReader {
 public:
  void begin() override {}
  Result<storage::RowsHandle> page(const storage::PageQuery& query) override {
    ++pages;
    limit = query.limit;
    rows = TestRows(page_rows);
    return rows.handle();
  }
  bool can_add(const storage::PageQuery& query) override {
    with_beyond = query.with_beyond;
    with_count = query.with_count;
    return adds;
  }
  bool is_short(const storage::PageQuery&) override { return false; }
  bool is_count_kept(const storage::ListScope&) const override { return is_kept; }
  std::optional<storage::UnsentStatement> page_statement(const storage::PageQuery&) override {
    return storage::UnsentStatement{.statement = page_text, .binds = {}};
  }
  std::optional<storage::UnsentStatement> count_statement(const storage::ListScope&) override {
    return is_kept ? std::optional(storage::UnsentStatement{.statement = count_text, .binds = {}})
                   : std::nullopt;
  }
  Result<std::int64_t> count(const storage::ListScope&) override {
    ++counts;
    return total;
  }
  Result<bool> exists_beyond(const storage::BoundQuery& query) override {
    ++bounds;
    return query.at_or_before != nullptr ? is_before : is_after;
  }

  std::vector<Cells> page_rows;
  std::int64_t total = 0;
  bool is_before = false;
  bool is_after = false;
  TestRows rows{{}};
  storage::Statement page_text{"page"};
  storage::Statement count_text{"count"};
  bool adds = false;
  bool is_kept = false;
  bool with_beyond = false;  // what was last asked of can_add()
  bool with_count = false;
  std::uint32_t limit = 0;
  int pages = 0;
  int counts = 0;
  int bounds = 0;
};

// The key and the tie of a row of pupils in the order of their names.
Cells place(const std::string& name) {
  return {name, std::string(16, name.front())};
}

// The same behind the name, where that is selected.
Cells pupil(const std::string& name) {
  return {name, name, std::string(16, name.front())};
}

std::string cursor_at(const std::string& name) {
  const sql::Relation& relation =
      std::get<planning::ConnectionRoot>(school_mapping().roots.front()).relation;
  std::string scratch;
  std::string cursor;
  planning::append_cursor(relation, 0, {name, std::string(16, name.front())}, scratch, cursor);
  return cursor;
}

class ConnectionRunnerTest : public testing::Test {
 protected:
  std::string answer(const std::string& input, const std::string& selection) {
    const BoundPlan plan =
        bound_school("{ pupils" + (input.empty() ? "" : "(input: {" + input + "})") + " { " +
                     selection + " } }");
    const BoundConnection& bound = *plan.only_connection();
    const ConnectionRequest request{.plan = *bound.plan,
                                    .page = bound.page,
                                    .company = "1",
                                    .flags = plan.flags(),
                                    .in_snapshot = in_snapshot_};
    reads_ = runner_.reads(request, reader_);
    const auto only = runner_.only_read(request, reader_);
    only_read_ = only ? only->statement.text() : "";
    Answer out(clock_, {});
    out.begin({});
    const auto done = runner_.run(request, reader_, writer_, out);
    return !done ? done.error().message : *done ? out.text() : "run again";
  }

  ManualClock clock_;
  TestReader reader_;
  RowWriter writer_;
  ConnectionRunner runner_;
  bool in_snapshot_ = false;
  unsigned reads_ = 0;
  std::string only_read_;
};

constexpr const char* kNames = "edges { node { name } }";
constexpr const char* kBeyond = "pageInfo { hasNextPage hasPreviousPage }";

TEST_F(ConnectionRunnerTest, OneRowMoreThanThePageSaysThatThereIsANextOne) {
  reader_.page_rows = {pupil("a"), pupil("b")};
  EXPECT_EQ(answer("first: 2", std::string(kNames) + kBeyond),
            R"({"edges":[{"node":{"name":"a"}},{"node":{"name":"b"}}],)"
            R"("pageInfo":{"hasNextPage":false,"hasPreviousPage":false}})");
  EXPECT_EQ(reader_.limit, 3U);
  reader_.page_rows.push_back(pupil("c"));
  EXPECT_EQ(answer("first: 2", std::string(kNames) + kBeyond),
            R"({"edges":[{"node":{"name":"a"}},{"node":{"name":"b"}}],)"
            R"("pageInfo":{"hasNextPage":true,"hasPreviousPage":false}})");
  EXPECT_EQ(reader_.bounds, 0);
  EXPECT_EQ(only_read_, "page");
}

TEST_F(ConnectionRunnerTest, RowsReadBackwardsAreWrittenForwards) {
  reader_.page_rows = {pupil("c"), pupil("b"), pupil("a")};
  EXPECT_EQ(answer("last: 2", std::string(kNames) + kBeyond),
            R"({"edges":[{"node":{"name":"b"}},{"node":{"name":"c"}}],)"
            R"("pageInfo":{"hasNextPage":false,"hasPreviousPage":true}})");
}

TEST_F(ConnectionRunnerTest, CursorsAreThoseOfTheFirstAndTheLastRow) {
  const std::string info = "pageInfo { startCursor endCursor }";
  EXPECT_EQ(answer("", info), R"({"pageInfo":{"startCursor":null,"endCursor":null}})");
  reader_.page_rows = {place("a"), place("b"), place("c")};
  EXPECT_EQ(answer("first: 2", "edges { cursor }" + info),
            R"({"edges":[{"cursor":")" + cursor_at("a") + R"("},{"cursor":")" + cursor_at("b") +
                R"("}],"pageInfo":{"startCursor":")" + cursor_at("a") + R"(","endCursor":")" +
                cursor_at("b") + R"("}})");
  reader_.page_rows = {place("b"), place("a")};
  EXPECT_EQ(answer("last: 2", "edges { cursor }" + info),
            R"({"edges":[{"cursor":")" + cursor_at("a") + R"("},{"cursor":")" + cursor_at("b") +
                R"("}],"pageInfo":{"startCursor":")" + cursor_at("a") + R"(","endCursor":")" +
                cursor_at("b") + R"("}})");
}

TEST_F(ConnectionRunnerTest, ABoundIsLookedBeyondOnlyWhereItDecides) {
  const std::string after = "after: \"" + cursor_at("a") + "\"";
  reader_.page_rows = {pupil("b")};
  reader_.is_before = true;
  EXPECT_EQ(answer(after, kBeyond), R"({"pageInfo":{"hasNextPage":false,"hasPreviousPage":true}})");
  EXPECT_EQ(reader_.bounds, 1);
  EXPECT_EQ(reads_, 2U);
  EXPECT_EQ(only_read_, "");
  reader_.is_before = false;
  EXPECT_EQ(answer(after, kBeyond),
            R"({"pageInfo":{"hasNextPage":false,"hasPreviousPage":false}})");
  EXPECT_EQ(answer(after, "pageInfo { hasNextPage }"), R"({"pageInfo":{"hasNextPage":false}})");
  EXPECT_EQ(reader_.bounds, 2);
  EXPECT_EQ(only_read_, "page");
  reader_.is_after = true;
  EXPECT_EQ(answer("before: \"" + cursor_at("c") + "\"", kBeyond),
            R"({"pageInfo":{"hasNextPage":true,"hasPreviousPage":false}})");
}

TEST_F(ConnectionRunnerTest, OnlyWhatIsSelectedIsRead) {
  reader_.total = 7;
  EXPECT_EQ(answer("", "totalCount __typename"),
            R"({"totalCount":7,"__typename":"PupilConnection"})");
  EXPECT_EQ(reader_.pages, 0);
  EXPECT_EQ(only_read_, "");
  EXPECT_EQ(answer("", kNames), R"({"edges":[]})");
  EXPECT_EQ(reader_.counts, 1);
  EXPECT_EQ(answer("", std::string("totalCount ") + kNames), R"({"totalCount":7,"edges":[]})");
  EXPECT_EQ(reads_, 2U);
  EXPECT_EQ(only_read_, "");
}

TEST_F(ConnectionRunnerTest, WhereNothingMatchesNothingIsRead) {
  EXPECT_EQ(answer("filter: {names: []}",
                   "totalCount edges { cursor } pageInfo { hasNextPage endCursor }"),
            R"({"totalCount":0,"edges":[],"pageInfo":{"hasNextPage":false,"endCursor":null}})");
  EXPECT_EQ(reader_.pages + reader_.counts + reader_.bounds, 0);
  EXPECT_EQ(only_read_, "");
}

TEST_F(ConnectionRunnerTest, RowsSayTheRestWhereTheReaderCanAddIt) {
  reader_.adds = true;
  const std::string after = "after: \"" + cursor_at("a") + "\"";
  // Behind the name, the key and the tie: whether there is a row before, and the count.
  reader_.page_rows = {{"b", "b", std::string(16, 'b'), std::int64_t{1}, std::int64_t{7}}};
  EXPECT_EQ(answer(after, std::string("totalCount ") + kNames + kBeyond),
            R"({"totalCount":7,"edges":[{"node":{"name":"b"}}],)"
            R"("pageInfo":{"hasNextPage":false,"hasPreviousPage":true}})");
  EXPECT_EQ(reads_, 1U);
  EXPECT_EQ(only_read_, "page");
  EXPECT_EQ(reader_.bounds + reader_.counts, 0);
  // Backwards it is what comes next.
  reader_.page_rows = {{"b", "b", std::string(16, 'b'), std::int64_t{1}}};
  EXPECT_EQ(answer("last: 1, before: \"" + cursor_at("c") + "\"", std::string(kNames) + kBeyond),
            R"({"edges":[{"node":{"name":"b"}}],)"
            R"("pageInfo":{"hasNextPage":true,"hasPreviousPage":false}})");
  EXPECT_TRUE(reader_.with_beyond);
  EXPECT_FALSE(reader_.with_count);
  EXPECT_EQ(reader_.bounds, 0);
}

TEST_F(ConnectionRunnerTest, WithoutARowTheRestIsReadInASnapshot) {
  reader_.adds = true;
  reader_.is_before = true;
  reader_.total = 7;
  const std::string after = "after: \"" + cursor_at("z") + "\"";
  const std::string selection = std::string("totalCount ") + kNames + kBeyond;
  EXPECT_EQ(answer(after, selection), "run again");
  EXPECT_EQ(reader_.bounds + reader_.counts, 0);
  in_snapshot_ = true;
  EXPECT_EQ(answer(after, selection),
            R"({"totalCount":7,"edges":[],)"
            R"("pageInfo":{"hasNextPage":false,"hasPreviousPage":true}})");
}

TEST_F(ConnectionRunnerTest, ACountThatIsKeptIsOneStatement) {
  reader_.is_kept = true;
  reader_.total = 7;
  EXPECT_EQ(answer("", "totalCount"), R"({"totalCount":7})");
  EXPECT_EQ(only_read_, "count");
  EXPECT_EQ(reads_, 1U);
}

}  // namespace
}  // namespace matricula::execution
