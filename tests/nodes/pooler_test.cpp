// PgBouncer between nodes and their store, by session and by transaction.
#include "tests/nodes/pooler.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <memory>
#include <span>

#include "exchange/import.h"
#include "server/store.h"
#include "tests/nodes/nodes_fixture.h"

namespace matricula::nodes {
namespace {

class Poolers : public Nodes {
 protected:
  void serve_through(const Pooler& pooler, const std::string& rate_limit) {
    std::vector<std::string> all = options(rate_limit);
    all[1] = pooler.url(name_, "matricula_app");
    for (auto& node : nodes_) {
      node.emplace(all);
    }
    for (auto& node : nodes_) {
      node->await_start();
    }
  }
  // Reads, writes, counts and revokes: what sessions do.
  void expect_all_is_well(const Pooler& pooler) {
    serve_through(pooler, "1000000");
    const std::string jwt = login();
    const std::string token = new_token();
    Answers answers;
    ask_at_once(token, 12, 40, answers);
    EXPECT_EQ(answers.admitted, 480) << pooler.log();
    const Reply made = create_token(*nodes_[0], jwt, "through the pooler");
    ASSERT_EQ(made.status, 200) << made.body;
    const std::string fresh = text_in(made.body, "unredactedToken");
    EXPECT_EQ(read_page(*nodes_[1], fresh).status, 200);
    EXPECT_EQ(revoke(*nodes_[1], jwt, made).status, 200);
    EXPECT_EQ(read_page(*nodes_[2], fresh).status, 401);
    EXPECT_EQ(nodes_[0]->status_of("/readyz"), 200);
  }
  // What other clients of the pooler find in its connections.
  std::string left_behind(const Pooler& pooler) {
    const std::unique_ptr<PGconn, decltype(&PQfinish)> link(
        PQconnectdb(pooler.url(name_, "matricula_app").c_str()), PQfinish);
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(
        PQexec(link.get(),
               "SELECT (SELECT count(*) FROM pg_prepared_statements) || ' ' || "
               "current_setting('enable_hashjoin') || ' ' || current_setting('search_path')"),
        PQclear);
    return PQntuples(result.get()) == 1 ? PQgetvalue(result.get(), 0, 0)
                                        : PQerrorMessage(link.get());
  }
};

TEST_F(Poolers, BySessionAllIsWell) {
  const Pooler pooler(cluster_, "session", 60);
  expect_all_is_well(pooler);
}

TEST_F(Poolers, BySessionThatIgnoresStartupOptionsAllIsWell) {
  const Pooler pooler(cluster_, "session", 60,
                      "ignore_startup_parameters = extra_float_digits,options\n"
                      "server_reset_query = DISCARD ALL");
  expect_all_is_well(pooler);
}

TEST_F(Poolers, ByTransactionAllIsWellAndNothingIsLeftBehind) {
  for (const char* more : {"", "server_round_robin = 1", "server_reset_query_always = 1"}) {
    const Pooler pooler(cluster_, "transaction", 4, more);
    expect_all_is_well(pooler);
    EXPECT_EQ(left_behind(pooler), "0 on \"$user\", public") << more;
  }
}

TEST_F(Poolers, ByTransactionALimitIsOneLimit) {
  const Pooler pooler(cluster_, "transaction", 4);
  serve_through(pooler, "50");
  Answers answers;
  ask_at_once(new_token(), 6, 20, answers);
  EXPECT_EQ(answers.admitted, 50);
  EXPECT_EQ(answers.refused, 70);
}

// Schema, import and what reads large results.
TEST_F(Poolers, ByTransactionAStoreIsMadeAndFilled) {
  const Pooler pooler(cluster_, "transaction", 2);
  const std::string other = cluster_.new_database();
  const std::string data = "tests/cases/data";
  {
    const auto store = server::open_store(pooler.url(other, "matricula_owner"),
                                          {.app_role = "matricula_app"}, clock_);
    ASSERT_TRUE(store) << store.error().message;
    const auto report = exchange::import_paths(**store, std::span(&data, 1), {}, clock_);
    ASSERT_TRUE(report) << report.error().message << report.error().internal;
    EXPECT_TRUE(report->is_complete());
    EXPECT_EQ((*store)->check(), std::vector<std::string>{});
    EXPECT_TRUE((*store)->health().reachable);
  }
  cluster_.drop_database(other);
}

}  // namespace
}  // namespace matricula::nodes
