// Addresses that name several servers: one hangs, one refuses, one is a standby.
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <thread>

#include "tests/nodes/nodes_fixture.h"
#include "tests/nodes/proxy.h"

namespace matricula::nodes {
namespace {

using std::chrono::seconds;

class Hosts : public Nodes {
 protected:
  void start_one(const std::string& store) {
    std::vector<std::string> all = options("1000000");
    all[1] = store;
    nodes_[0].emplace(all);
    nodes_[0]->await_start();
  }
  void await_status(int status, const std::string& token) {
    const auto until = clock_.monotonic() + seconds(20);
    while (read_page(*nodes_[0], token).status != status) {
      ASSERT_LT(clock_.monotonic(), until);
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
};

TEST_F(Hosts, OneThatHangsHasItsTimeAndNoMore) {
  Proxy hung(cluster_.socket_path());
  const Proxy well(cluster_.socket_path());
  hung.swallow(true);
  const auto began = clock_.monotonic();
  start_one(fmt::format("postgresql://matricula_app@127.0.0.1:{},127.0.0.1:{}/{}?connect_timeout=1",
                        hung.port(), well.port(), name_));
  EXPECT_EQ(read_page(*nodes_[0], new_token()).status, 200);
  EXPECT_EQ(nodes_[0]->status_of("/readyz"), 200);
  EXPECT_LT(clock_.monotonic() - began, seconds(30));
}

TEST_F(Hosts, OneThatRefusesIsPassedOver) {
  const Proxy well(cluster_.socket_path());
  start_one(
      fmt::format("postgresql://matricula_app@127.0.0.1:1,127.0.0.1:{}/{}", well.port(), name_));
  EXPECT_EQ(read_page(*nodes_[0], new_token()).status, 200);
}

TEST_F(Hosts, WhatIsAskedOfThePrimaryHoldsForIt) {
  for (const char* attributes : {"any", "primary", "read-write", "prefer-standby"}) {
    start_one(cluster_.url(name_, "matricula_app") + "&target_session_attrs=" + attributes);
    EXPECT_EQ(read_page(*nodes_[0], new_token()).status, 200) << attributes;
  }
}

// A copy of the tests' server that follows it.
class Standby {
 public:
  explicit Standby(const storage::postgres::PrivateCluster& cluster) {
    namespace fs = std::filesystem;
    const std::string socket = fs::path(cluster.socket_path()).parent_path();
    for (const auto& version : fs::directory_iterator("/usr/lib/postgresql")) {
      programs_ = version.path() / "bin";
    }
    fs::create_directory(path());
    run(fmt::format("chown postgres {0}; chmod 700 {0}", path()), "");
    run(fmt::format("{}/pg_basebackup -h {} -U postgres -D {}/data -R --no-sync -c fast", programs_,
                    socket, path()));
    run(
        fmt::format("{0}/pg_ctl -D {1}/data -w -s -l {1}/log -o \"-k {1} -c hot_standby=on -c "
                    "listen_addresses= "
                    "-c max_connections=200 -c shared_buffers=32MB -c fsync=off\" start",
                    programs_, path()));
  }
  ~Standby() {
    run(fmt::format("{}/pg_ctl -D {}/data -s -m immediate stop", programs_, path()));
    run("rm -rf " + path());
  }
  Standby(const Standby&) = delete;
  Standby& operator=(const Standby&) = delete;

  void promote() const {
    run(fmt::format("{}/pg_ctl -D {}/data -w -s promote", programs_, path()));
  }
  std::string path() const { return directory_.path() + "-standby"; }

 private:
  // As the user who runs the server, which is not root.
  static void run(const std::string& command, const char* user = "postgres") {
    const bool changes = getuid() == 0 && *user != '\0';
    const std::string line =
        changes ? fmt::format("cd / && runuser -u {} -- {} >/dev/null", user, command) : command;
    EXPECT_EQ(std::system(line.c_str()), 0) << line;
  }

  storage::TempDirectory directory_;
  std::string programs_;
};

TEST_F(Hosts, ANodeOnAStandbyIsNotReadyUntilThatIsPromoted) {
  const Standby standby(cluster_);
  const std::string token = new_token();
  std::string host = standby.path();
  start_one(fmt::format("postgresql://matricula_app@/{}?host={}", name_, host));
  EXPECT_EQ(read_page(*nodes_[0], token).status, 503);
  EXPECT_EQ(nodes_[0]->status_of("/healthz"), 200);
  EXPECT_EQ(nodes_[0]->status_of("/readyz"), 503);
  // Of two hosts the one that can be written.
  nodes_[1].emplace([&] {
    std::vector<std::string> all = options("1000000");
    const std::string socket = std::filesystem::path(cluster_.socket_path()).parent_path();
    all[1] = fmt::format("postgresql://matricula_app@/{}?host={},{}", name_, host, socket);
    return all;
  }());
  nodes_[1]->await_start();
  EXPECT_EQ(read_page(*nodes_[1], token).status, 200);
  standby.promote();
  await_status(200, token);
  std::this_thread::sleep_for(kHealthAge);
  EXPECT_EQ(nodes_[0]->status_of("/readyz"), 200);
}

}  // namespace
}  // namespace matricula::nodes
