// What holds among nodes when the store's server dies, again and again.
#include <chrono>
#include <fmt/format.h>
#include <set>
#include <thread>

#include "tests/nodes/nodes_fixture.h"

namespace matricula::nodes {
namespace {

using std::chrono::milliseconds;

// How soon after the server takes connections again every node reads and writes.
constexpr milliseconds kRecovery{2'000};
// What a node's resident memory may grow by: tokens of the test are in its memory, and the
// allocator keeps what it had.
constexpr std::size_t kMemorySlackKib = 16 * 1024;
constexpr std::string_view kNotKnown = "It is not known whether the change was stored";

// What became of writes, by their descriptions.
struct Outcomes {
  std::set<std::string> answered;
  std::set<std::string> refused;
  int unknown = 0;
};

class Crashes : public Nodes {
 protected:
  // One client a node that makes tokens, and one that reads pages, until the end of this.
  class Load {
   public:
    Load(Crashes& test, const std::string& jwt, const std::string& token) {
      for (std::size_t i = 0; i < test.nodes_.size(); ++i) {
        const Node& node = *test.nodes_[i];
        clients_.emplace_back([this, &test, &node, i, jwt](const std::stop_token& stop) {
          while (!stop.stop_requested()) {
            test.write(node, jwt, fmt::format("{}-{}", i, ++number_), outcomes_[i], written_);
          }
        });
        clients_.emplace_back([this, &node, token](const std::stop_token& stop) {
          while (!stop.stop_requested()) {
            const Reply page = read_page(node, token);
            if (page.status == 200) {
              EXPECT_NE(page.body.find("edges"), std::string::npos) << page.body;
              ++read_;
            } else {
              EXPECT_EQ(page.status, 503) << page.body;
              std::this_thread::sleep_for(milliseconds(2));
            }
          }
        });
      }
    }
    // Until clients of all nodes together got so many more answers of each kind.
    void await_answers(int more) const {
      await(written_, more);
      await(read_, more);
    }
    Outcomes stop() {
      clients_.clear();
      Outcomes all;
      for (Outcomes& each : outcomes_) {
        all.answered.merge(each.answered);
        all.refused.merge(each.refused);
        all.unknown += each.unknown;
      }
      return all;
    }

   private:
    std::atomic<int> number_ = 0;
    std::atomic<int> written_ = 0;
    std::atomic<int> read_ = 0;
    std::array<Outcomes, 3> outcomes_;
    std::vector<std::jthread> clients_;  // last: they use all of the above
  };

  void write(const Node& node, const std::string& jwt, const std::string& description,
             Outcomes& outcomes, std::atomic<int>& written) const {
    const Reply reply = create_token(node, jwt, description);
    if (!text_in(reply.body, "unredactedToken").empty()) {
      outcomes.answered.insert(description);
      ++written;
      return;
    }
    EXPECT_EQ(reply.status, 503) << reply.body;
    if (text_in(reply.body, "message").starts_with(kNotKnown)) {
      ++outcomes.unknown;
    } else {
      outcomes.refused.insert(description);
    }
    std::this_thread::sleep_for(milliseconds(2));
  }

  // The longest that a node needs to read and to write, from now on.
  milliseconds recovery(const std::string& jwt, const std::string& token) const {
    const auto back = clock_.monotonic();
    std::array<milliseconds, 3> took{};
    {
      std::vector<std::jthread> probes;
      for (std::size_t i = 0; i < nodes_.size(); ++i) {
        probes.emplace_back([&, i] {
          while (read_page(*nodes_[i], token).status != 200 ||
                 create_token(*nodes_[i], jwt, "probe").status != 200 ||
                 nodes_[i]->status_of("/readyz") != 200) {
            std::this_thread::sleep_for(milliseconds(2));
          }
          took[i] = std::chrono::duration_cast<milliseconds>(clock_.monotonic() - back);
        });
      }
    }
    return std::max({took[0], took[1], took[2]});
  }

  int connections() const {
    return std::stoi(
        cluster_.run("SELECT count(*) FROM pg_stat_activity WHERE usename = 'matricula_app'"));
  }
  std::array<std::size_t, 3> memory_kib() const {
    return {nodes_[0]->memory_kib(), nodes_[1]->memory_kib(), nodes_[2]->memory_kib()};
  }
  std::set<std::string> stored_descriptions() const {
    std::set<std::string> all;
    const auto session = database_->open_reader().value();
    const storage::Statement select("SELECT description FROM api_tokens");
    const auto rows = session->query(select, {}).value();
    while (rows->next().value()) {
      all.emplace(rows->text(0));
    }
    return all;
  }
};

// While tokens are made and pages read on every node, the store's server is cut off and started
// again. MATRICULA_CRASHES asks for more of it than a test needs every day.
TEST_F(Crashes, LoseNothingThatWasAnsweredAndAreSoonOver) {
  const int crashes = rounds_of("MATRICULA_CRASHES", 3);
  start("0");
  const std::string jwt = login();
  const std::string token = new_token();
  Load load(*this, jwt, token);
  load.await_answers(300);
  const int connections_before = connections();
  const auto memory_before = memory_kib();
  std::string recoveries;
  for (int crash = 0; crash < crashes; ++crash) {
    load.await_answers(20);
    cluster_.stop_at_once();
    std::this_thread::sleep_for(kHealthAge);
    for (const auto& node : nodes_) {
      EXPECT_EQ(node->status_of("/healthz"), 200);
      EXPECT_EQ(node->status_of("/readyz"), 503);
    }
    cluster_.start();
    const milliseconds took = recovery(jwt, token);
    EXPECT_LE(took, kRecovery) << "crash " << crash;
    recoveries += fmt::format("{} ", took.count());
  }
  load.await_answers(300);
  const int connections_after = connections();
  const auto memory_after = memory_kib();
  const Outcomes outcomes = load.stop();

  const std::set<std::string> stored = stored_descriptions();
  for (const std::string& each : outcomes.answered) {
    EXPECT_TRUE(stored.contains(each)) << each << " was answered and is lost";
  }
  for (const std::string& each : outcomes.refused) {
    EXPECT_FALSE(stored.contains(each)) << each << " was refused and is there";
  }
  // A connection is made when it is needed, so a node may have come to use one more in between.
  EXPECT_LE(connections_after, connections_before + static_cast<int>(nodes_.size()));
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    EXPECT_LE(memory_after[i], memory_before[i] + kMemorySlackKib) << "node " << i;
  }
  RecordProperty("recovery_ms", recoveries);
  RecordProperty("answered", static_cast<int>(outcomes.answered.size()));
  RecordProperty("refused", static_cast<int>(outcomes.refused.size()));
  RecordProperty("unknown", outcomes.unknown);
  RecordProperty("connections", fmt::format("{} {}", connections_before, connections_after));
  RecordProperty("memory_kib",
                 fmt::format("{} {}, {} {}, {} {}", memory_before[0], memory_after[0],
                             memory_before[1], memory_after[1], memory_before[2], memory_after[2]));
}

// Every request fails for the same reason, and the log says so without a line for each.
TEST_F(Crashes, DoNotFloodTheLog) {
  constexpr int kRequests = 400;
  start("0");
  const std::string token = new_token();
  ASSERT_EQ(read_page(*nodes_[0], token).status, 200);
  cluster_.stop_at_once();
  const auto began = clock_.monotonic();
  for (int i = 0; i < kRequests; ++i) {
    EXPECT_EQ(read_page(*nodes_[0], token).status, 503);
  }
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(clock_.monotonic() - began).count();
  cluster_.start();
  const std::vector<std::string> log = nodes_[0]->stop();
  int lines = 0;
  int held_back = 0;
  for (const std::string& line : log) {
    if (text_in(line, "message") != "identification failed") {
      continue;
    }
    constexpr std::string_view kHeldBack = R"("heldBack":)";
    const std::size_t count = line.find(kHeldBack);
    if (count == std::string::npos) {
      ++lines;
    } else {
      held_back += std::stoi(line.substr(count + kHeldBack.size()));
    }
  }
  EXPECT_EQ(lines + held_back, kRequests);
  EXPECT_LE(lines, 10 * (seconds + 1));
}

}  // namespace
}  // namespace matricula::nodes
