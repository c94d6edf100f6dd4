// What nodes do when their store is there and does not answer: paused, cut off without a word, or
// out of connections. Every request is answered within a bound, and the two health checks tell a
// node that lives from a store that is not to be had.
#include <csignal>
#include <fmt/format.h>
#include <iterator>
#include <libpq-fe.h>
#include <sstream>
#include <thread>

#include "storage/postgres/limits.h"
#include "tests/nodes/nodes_fixture.h"
#include "tests/nodes/proxy.h"

namespace matricula::nodes {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A statement's limit, so that the tests need not wait ten seconds for each.
constexpr const char* kRequestTimeoutMs = "500";
// The longest that a read may wait then: in the queue, for one statement with its grace, and for a
// new connection. With room for a slow machine, and far from for ever.
constexpr seconds kReadWait{10};
// A write waits for other writers, for its commit and for what became of that.
constexpr seconds kWriteWait{40};
// How long a node may need to find that connections are dead: each of its sessions waits once.
constexpr seconds kFindingOut{40};

class Network : public Nodes {
 protected:
  // Asks many times at once, as clients do; each must get an answer in time. Gives the statuses.
  std::vector<Reply> ask_at_once(const std::string& token, int clients) const {
    std::vector<Reply> replies(static_cast<std::size_t>(clients));
    std::vector<std::jthread> threads;
    threads.reserve(replies.size());
    for (Reply& reply : replies) {
      threads.emplace_back([&] {
        const auto began = clock_.monotonic();
        reply = read_page(*nodes_[0], token);
        EXPECT_LE(clock_.monotonic() - began, kReadWait);
      });
    }
    threads.clear();
    return replies;
  }
  // None of them was given data, and each was told that it is the store.
  static void expect_unavailable(const std::vector<Reply>& replies) {
    for (const Reply& reply : replies) {
      EXPECT_EQ(reply.status, 503) << reply.body;
      EXPECT_EQ(text_in(reply.body, "code"), "UNAVAILABLE") << reply.body;
    }
  }
  // Until the node answers so often in a row that every worker has, and knows that it does.
  void await_answers(const std::string& token) const {
    const auto until = clock_.monotonic() + kFindingOut;
    for (int answered = 0; answered < 20;) {
      ASSERT_LT(clock_.monotonic(), until);
      answered = read_page(*nodes_[0], token).status == 200 ? answered + 1 : 0;
    }
    while (nodes_[0]->status_of("/readyz") != 200) {
      ASSERT_LT(clock_.monotonic(), until);
      std::this_thread::sleep_for(kHealthAge);
    }
  }
  void expect_health(int alive, int ready) const {
    EXPECT_EQ(nodes_[0]->status_of("/healthz"), alive);
    EXPECT_EQ(nodes_[0]->status_of("/readyz"), ready);
  }
  void start_one(const std::string& store, const char* timeout_ms = kRequestTimeoutMs) {
    std::vector<std::string> all = options("0");
    all[1] = store;
    all.insert(all.end(), {"--request-timeout-ms", timeout_ms});
    nodes_[0].emplace(all);
    nodes_[0]->await_start();
  }
};

TEST_F(Network, AStoreThatHangsIsAnsweredForAndGoesOnWhenItDoes) {
  start_one(cluster_.url(name_, "matricula_app"));
  const std::string token = new_token();
  await_answers(token);
  cluster_.freeze(true);
  const std::vector<Reply> replies = ask_at_once(token, 12);
  expect_health(200, 503);
  cluster_.freeze(false);
  expect_unavailable(replies);
  await_answers(token);
}

// All workers that one company may have wait for the store, and a probe does not wait behind them.
TEST_F(Network, HealthIsToldWhileRequestsWait) {
  start_one(cluster_.url(name_, "matricula_app"), "20000");
  const std::string token = new_token();
  await_answers(token);
  std::atomic<int> answered = 0;
  constexpr int kWorkers = 2;  // of three
  std::vector<std::jthread> clients;
  clients.reserve(kWorkers);
  cluster_.freeze(true);
  std::this_thread::sleep_for(kHealthAge);
  for (int i = 0; i < kWorkers; ++i) {
    clients.emplace_back([&] {
      EXPECT_EQ(read_page(*nodes_[0], token).status, 200);
      ++answered;
    });
  }
  expect_health(200, 503);
  const int answered_by_then = answered;
  cluster_.freeze(false);
  EXPECT_EQ(answered_by_then, 0);
}

// The server takes connections, but those that the node has are dead.
TEST_F(Network, ConnectionsThatHangAreGivenUpForNewOnes) {
  start_one(cluster_.url(name_, "matricula_app"));
  const std::string token = new_token();
  await_answers(token);
  std::istringstream processes(cluster_.run(
      "SELECT string_agg(pid::text, ' ') FROM pg_stat_activity WHERE usename = 'matricula_app'"));
  const std::vector<int> hung{std::istream_iterator<int>(processes), {}};
  ASSERT_GE(hung.size(), 3U);
  for (const int process : hung) {
    ASSERT_EQ(kill(process, SIGSTOP), 0);
  }
  expect_unavailable({ask_at_once(token, 1)});
  await_answers(token);
  for (const int process : hung) {
    kill(process, SIGCONT);
  }
}

TEST_F(Network, ANetworkThatSwallowsIsAnsweredForAndNothingThatWasNotStoredIsCalledDone) {
  Proxy network(cluster_.socket_path());
  start_one(fmt::format("postgresql://matricula_app@127.0.0.1:{}/{}", network.port(), name_));
  const std::string jwt = login();
  const std::string token = new_token();
  await_answers(token);
  ASSERT_EQ(create_token(*nodes_[0], jwt, "before").status, 200);
  std::vector<Reply> writes(6);
  {
    std::vector<std::jthread> writers;
    for (std::size_t i = 0; i < writes.size(); ++i) {
      writers.emplace_back([&, i] {
        const auto began = clock_.monotonic();
        // Some of them are under way by then.
        std::this_thread::sleep_for(milliseconds(i));
        writes[i] = create_token(*nodes_[0], jwt, fmt::format("w{}", i));
        EXPECT_LE(clock_.monotonic() - began, kWriteWait);
      });
    }
    std::this_thread::sleep_for(milliseconds(3));
    network.swallow(true);
    std::this_thread::sleep_for(kHealthAge);
    expect_health(200, 503);
  }
  expect_unavailable(ask_at_once(token, 12));
  network.swallow(false);
  await_answers(token);
  for (const Reply& write : writes) {
    const std::string made = text_in(write.body, "unredactedToken");
    if (!made.empty()) {
      EXPECT_EQ(read_page(*nodes_[0], made).status, 200);
      continue;
    }
    // A statement that met its limit is an error of a field, all else of the whole request.
    const std::string code = text_in(write.body, "code");
    EXPECT_TRUE(write.status == 200 ? code == "TIMEOUT" : code == "UNAVAILABLE") << write.body;
  }
}

// The connection ends before the commit, and the next one while the commit is looked for.
TEST_F(Network, ACommitInDoubtIsLookedForUntilThereIsAnAnswer) {
  Proxy network(cluster_.socket_path());
  start_one(fmt::format("postgresql://matricula_app@127.0.0.1:{}/{}", network.port(), name_));
  const std::string jwt = login();
  ASSERT_EQ(create_token(*nodes_[0], jwt, "before").status, 200);
  network.cut_at({"INTO store_commits", "FROM store_commits"});
  const Reply write = create_token(*nodes_[0], jwt, "in doubt");
  EXPECT_EQ(network.cuts_left(), 0U);
  EXPECT_NE(write.body.find("The change was not stored."), std::string::npos) << write.body;
  EXPECT_EQ(create_token(*nodes_[0], jwt, "after").status, 200);
}

TEST_F(Network, ANodeThatWaitsForAMigrationEndsWhenItIsAskedTo) {
  const std::string fresh = cluster_.new_database();
  const std::unique_ptr<PGconn, decltype(&PQfinish)> other(PQconnectdb(cluster_.url(fresh).c_str()),
                                                           PQfinish);
  const auto run = [&](const std::string& sql) {
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(other.get(), sql.c_str()),
                                                               PQclear);
    return std::string(PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "");
  };
  run(fmt::format("BEGIN; SELECT pg_advisory_xact_lock({})", storage::postgres::kMigrationLock));
  std::vector<std::string> all = options("0");
  all[1] = cluster_.url(fresh);
  all.emplace_back("--allow-privileged-role");
  nodes_[0].emplace(all);
  while (run("SELECT count(*) FROM pg_locks WHERE NOT granted") != "1") {
    std::this_thread::sleep_for(milliseconds(10));
  }
  const auto began = clock_.monotonic();
  nodes_[0]->stop();
  EXPECT_LT(clock_.monotonic() - began, seconds(10));
  run("ROLLBACK");
  EXPECT_EQ(run("SELECT to_regclass('companies') IS NULL"), "t");
  cluster_.drop_database(fresh);
}

TEST_F(Network, WithoutAFreeConnectionRequestsAreRefusedUntilThereIsOne) {
  start_one(cluster_.url(name_, "matricula_app"));
  const std::string token = new_token();
  std::vector<std::unique_ptr<PGconn, decltype(&PQfinish)>> others;
  const std::string url = cluster_.url(name_, "matricula_app");
  do {
    others.emplace_back(PQconnectdb(url.c_str()), PQfinish);
  } while (PQstatus(others.back().get()) == CONNECTION_OK);
  EXPECT_GT(others.size(), 10U);
  // What the node opened at its start it may go on with; a second node has nothing.
  expect_unavailable(ask_at_once(token, 12));
  expect_health(200, 503);
  others.clear();
  await_answers(token);
}

}  // namespace
}  // namespace matricula::nodes
