#include <array>
#include <atomic>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <optional>
#include <thread>

#include "auth/credential_service.h"
#include "auth/key_file.h"
#include "auth/refusals.h"
#include "auth/token_service.h"
#include "auth/user_service.h"
#include "exchange/import.h"
#include "server/store.h"
#include "storage/postgres/testing_cluster.h"
#include "storage/testing.h"
#include "tests/nodes/node.h"

namespace matricula::nodes {
namespace {

using storage::postgres::PrivateCluster;

constexpr int kRevocations = 150;
constexpr int kCrashes = 3;
constexpr const char* kEmail = "Ann@Acme.example";
constexpr const char* kPassword = "correct horse battery staple";
constexpr std::string_view kPage =
    "{ programProgress(input: {first: 1}) { edges { node { userId } } } }";

// Three servers over one store, the role of which owns nothing, and an owner beside them.
class Nodes : public testing::Test {
 protected:
  Nodes() {
    const std::string data = "tests/cases/data";
    database_ =
        server::open_store(cluster_.url(name_), {.app_role = "matricula_app"}, clock_).value();
    EXPECT_TRUE(exchange::import_paths(*database_, std::span(&data, 1), {}, clock_));
    secrets_.emplace(auth::open_secrets(*database_, "store", directory_.file("keys")).value());
    refusals_.emplace(clock_);
    tokens_.emplace(*database_, *secrets_, *refusals_, clock_);
    auth::UserService users(*database_, hasher_, *refusals_, clock_);
    EXPECT_TRUE(users.set_password(kEmail, kPassword, caller()));
    EXPECT_TRUE(users.set_roles(kEmail, true, {"4821"}, caller()));
  }
  ~Nodes() override {
    for (auto& node : nodes_) {
      node.reset();
    }
    database_.reset();
    cluster_.drop_database(name_);
  }

  void start(const std::string& rate_limit) {
    for (auto& node : nodes_) {
      node.emplace(std::vector<std::string>{"--store", cluster_.url(name_, "matricula_app"),
                                            "--key-file", directory_.file("keys"), "--rate-limit",
                                            rate_limit, "--workers", "3"});
    }
  }
  auth::Caller caller() const { return {.principal = operator_, .address = "local"}; }
  std::string new_token() {
    return tokens_->create({.description = "test", .company_ids = {"4821"}}, caller())
        .value()
        .unredacted_token;
  }
  // A JWT, from the first node.
  std::string login() {
    const Reply reply = nodes_[0]->post(
        "/auth/login", fmt::format(R"({{"email":"{}","password":"{}"}})", kEmail, kPassword));
    EXPECT_EQ(reply.status, 200) << reply.body;
    return "Bearer " + text_in(reply.body, "token");
  }

  SystemClock clock_;
  storage::TempDirectory directory_;
  PrivateCluster& cluster_ = PrivateCluster::instance();
  const std::string name_ = cluster_.new_database();
  std::unique_ptr<storage::Database> database_;
  std::optional<auth::Secrets> secrets_;
  std::optional<auth::Refusals> refusals_;
  auth::PasswordHasher hasher_;
  auth::Principal operator_ = auth::operator_principal();
  std::optional<auth::TokenService> tokens_;
  std::array<std::optional<Node>, 3> nodes_;
};

// Made on one node, used on the next until it is in that one's memory, revoked on the third.
TEST_F(Nodes, WhatOneNodeRevokedNoNodeAccepts) {
  start("0");
  const std::string jwt = login();
  for (int round = 0; round < kRevocations; ++round) {
    const auto node = [&](int index) -> const Node& {
      return *nodes_[static_cast<std::size_t>((round + index) % 3)];
    };
    const Reply made = node(0).ask(
        "tokens",
        R"(mutation { createToken(input: {description: "x", companyId: "4821"}) { unredactedToken token { id } } })",
        jwt);
    const std::string token = "Token " + text_in(made.body, "unredactedToken");
    ASSERT_EQ(made.status, 200) << made.body;
    for (const int index : {1, 2, 1}) {
      const Reply used = node(index).ask("program-progress", kPage, token);
      ASSERT_EQ(used.status, 200) << used.body;
      ASSERT_NE(used.body.find("edges"), std::string::npos) << used.body;
    }
    const Reply revoked = node(2).ask(
        "tokens",
        fmt::format("mutation {{ revokeToken(tokenId: \"{}\") }}", text_in(made.body, "id")), jwt);
    ASSERT_EQ(revoked.body, R"({"data":{"revokeToken":true}})");
    for (const int index : {1, 0, 2}) {
      const Reply refused = node(index).ask("program-progress", kPage, token);
      ASSERT_EQ(refused.status, 401) << "round " << round;
    }
  }
}

TEST_F(Nodes, AHundredRequestsAMinuteAreAHundredAmongAllNodes) {
  start("100");
  const std::string token = "Token " + new_token();
  std::atomic<int> admitted = 0;
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> clients;
    for (const auto& node : nodes_) {
      clients.emplace_back([&] {
        for (int i = 0; i < 60; ++i) {
          const Reply reply = node->ask("program-progress", kPage, token);
          (reply.status == 200 ? admitted : refused) += reply.status == 200   ? 1
                                                        : reply.status == 429 ? 1
                                                                              : 1'000;
        }
      });
    }
  }
  EXPECT_EQ(admitted, 100);
  EXPECT_EQ(refused, 80);
}

// Until so many more were counted.
void await(const std::atomic<int>& count, int more) {
  const int before = count;
  while (count < before + more) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

// While tokens are made, the store's server is cut off and started anew.
TEST_F(Nodes, ACrashOfTheStoreLosesNoTokenThatWasAnswered) {
  start("0");
  const std::string jwt = login();
  std::atomic<bool> ends = false;
  std::array<std::vector<std::string>, 3> made;
  std::atomic<int> answered = 0;
  std::atomic<int> unavailable = 0;
  {
    std::vector<std::jthread> clients;
    for (std::size_t i = 0; i < 3; ++i) {
      clients.emplace_back([&, i] {
        while (!ends) {
          const Reply reply = nodes_[i]->ask(
              "tokens",
              R"(mutation { createToken(input: {description: "x", companyId: "4821"}) { unredactedToken } })",
              jwt);
          const std::string token = text_in(reply.body, "unredactedToken");
          if (!token.empty()) {
            made[i].push_back(token);
            ++answered;
          } else {
            EXPECT_EQ(reply.status, 503) << reply.body;
            ++unavailable;
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
          }
        }
      });
    }
    for (int crash = 0; crash < kCrashes; ++crash) {
      await(answered, 10);
      cluster_.stop_at_once();
      EXPECT_EQ(nodes_[0]->status_of("/healthz"), 200);
      EXPECT_EQ(nodes_[0]->status_of("/readyz"), 503);
      cluster_.start();
      const auto back = clock_.monotonic();
      while (nodes_[1]->status_of("/readyz") != 200) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
      RecordProperty(fmt::format("recovery_ms_{}", crash),
                     static_cast<int>((clock_.monotonic() - back).count() / 1'000'000));
    }
    await(answered, 10);
    ends = true;
  }
  for (const auto& tokens : made) {
    for (const std::string& token : tokens) {
      ASSERT_EQ(nodes_[2]->ask("program-progress", kPage, "Token " + token).status, 200);
    }
  }
  RecordProperty("answered", answered.load());
  RecordProperty("unavailable", unavailable.load());
}

TEST_F(Nodes, AServerThatHangsIsAnsweredForAndHealthTellsTheTwoApart) {
  start("0");
  const std::string token = "Token " + new_token();
  EXPECT_EQ(nodes_[0]->ask("program-progress", kPage, token).status, 200);
  EXPECT_EQ(nodes_[0]->status_of("/metrics"), 200);
  cluster_.freeze(true);
  const int alive = nodes_[0]->status_of("/healthz");
  const int ready = nodes_[0]->status_of("/readyz");
  cluster_.freeze(false);
  EXPECT_EQ(alive, 200);
  EXPECT_EQ(ready, 503);
  EXPECT_EQ(nodes_[0]->ask("program-progress", kPage, token).status, 200);
}

}  // namespace
}  // namespace matricula::nodes
