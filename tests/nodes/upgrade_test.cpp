// A new version comes to nodes that go on serving. The new one is the program of next_version.cpp.
#include <thread>

#include "tests/nodes/nodes_fixture.h"

namespace matricula::nodes {
namespace {

class Upgrade : public Nodes {
 protected:
  // Clients of nodes that make a token and read with it, until the end of this. Every request must
  // be answered.
  class Load {
   public:
    Load(std::span<const Node* const> nodes, const std::string& jwt) {
      for (const Node* node : nodes) {
        clients_.emplace_back([this, node, jwt](const std::stop_token& stop) {
          while (!stop.stop_requested()) {
            const Reply made = create_token(*node, jwt);
            EXPECT_EQ(made.status, 200) << made.body;
            const Reply page = read_page(*node, text_in(made.body, "unredactedToken"));
            EXPECT_EQ(page.status, 200) << page.body;
            EXPECT_NE(page.body.find("edges"), std::string::npos) << page.body;
            ++answered_;
          }
        });
      }
    }
    void await_answers() const { await(answered_, 20); }

   private:
    std::atomic<int> answered_ = 0;
    std::vector<std::jthread> clients_;  // last: they use the count
  };

  std::vector<std::string> migrate_words(const char* program) const {
    return {program,      "migrate",      "--quiet", "--store", cluster_.url(name_),
            "--app-role", "matricula_app"};
  }
  std::string steps() const {
    return cluster_.run("SELECT string_agg(name, ', ' ORDER BY number) FROM schema_migrations",
                        name_);
  }
  // A token of one node, with its id, is good at another until that one revokes it.
  static void expect_one_store(const Node& one, const Node& other, const std::string& jwt) {
    const Reply made = create_token(one, jwt);
    ASSERT_EQ(made.status, 200) << made.body;
    const std::string token = text_in(made.body, "unredactedToken");
    EXPECT_EQ(read_page(one, token).status, 200);
    EXPECT_EQ(read_page(other, token).status, 200);
    const Reply revoked = revoke(other, jwt, made);
    EXPECT_EQ(revoked.body, R"({"data":{"revokeToken":true}})");
    EXPECT_EQ(read_page(one, token).status, 401);
  }

  const std::string now_ = steps();
};

TEST_F(Upgrade, NodesOfTheVersionBeforeGoOnWhileTheStoreChangesAndNewOnesJoin) {
  start("0");
  const std::string jwt = login();
  const Node* const old_nodes[] = {&*nodes_[0], &*nodes_[1]};
  Load load(old_nodes, jwt);
  load.await_answers();
  // Whoever migrates second finds it done.
  std::array<int, 2> statuses = {-1, -1};
  {
    std::vector<std::jthread> operators;
    operators.reserve(statuses.size());
    for (int& status : statuses) {
      operators.emplace_back([&] { status = run_program(migrate_words(MATRICULA_NEXT_PROGRAM)); });
    }
  }
  EXPECT_EQ(statuses, (std::array<int, 2>{0, 0}));
  EXPECT_EQ(steps(), now_ + ", mentors");
  load.await_answers();
  // Node by node.
  nodes_[2].reset();
  nodes_[2].emplace(options("0"), MATRICULA_NEXT_PROGRAM);
  nodes_[2]->await_start();
  for (const auto& node : nodes_) {
    EXPECT_EQ(node->status_of("/readyz"), 200);
  }
  load.await_answers();
  expect_one_store(*nodes_[0], *nodes_[2], jwt);
  expect_one_store(*nodes_[2], *nodes_[1], jwt);
  // The version before does not start again, nor take the schema back.
  EXPECT_EQ(run_program(migrate_words(MATRICULA_PROGRAM)), 1);
  EXPECT_EQ(steps(), now_ + ", mentors");
  load.await_answers();
}

TEST_F(Upgrade, NewNodesThatStartAtOnceMigrateOnce) {
  start("0");
  const std::string jwt = login();
  const Node* const old_nodes[] = {&*nodes_[0]};
  Load load(old_nodes, jwt);
  load.await_answers();
  // As the owner, who may.
  std::vector<std::string> words = options("0");
  words[1] = cluster_.url(name_);
  words.emplace_back("--allow-privileged-role");
  for (const std::size_t index : {1U, 2U}) {
    nodes_[index].reset();
    nodes_[index].emplace(words, MATRICULA_NEXT_PROGRAM);
  }
  nodes_[1]->await_start();
  nodes_[2]->await_start();
  EXPECT_EQ(steps(), now_ + ", mentors");
  EXPECT_EQ(cluster_.run("SELECT count(*) FROM mentors", name_), "1");
  EXPECT_EQ(cluster_.run("SELECT count(*) FROM program_progress WHERE mentor IS NULL", name_), "0");
  load.await_answers();
  expect_one_store(*nodes_[0], *nodes_[1], jwt);
  expect_one_store(*nodes_[1], *nodes_[2], jwt);
}

}  // namespace
}  // namespace matricula::nodes
