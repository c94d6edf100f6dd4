// What holds while many requests wait, so that workers send them to the store together.
#include <array>
#include <thread>

#include "tests/nodes/nodes_fixture.h"

namespace matricula::nodes {
namespace {

constexpr int kClients = 36;

// Light, heavy, of several statements, of none, and wrong.
constexpr std::array<std::string_view, 6> kDocuments = {
    kPage,
    "{ programProgress(input: {first: 50}) { edges { node { userId programKey userEmail } } } }",
    "{ programProgress { totalCount edges { cursor } pageInfo { hasNextPage } } }",
    "{ a: programProgress(input: {first: 1}) { edges { cursor } }"
    " b: programProgress { totalCount } }",
    "{ __typename }",
    "{ programProgress(input: {first: 0}) { nothing } }",
};

TEST_F(Nodes, ManyAtOnceGetWhatTheyAskedForAndOfTheirCompanyAlone) {
  start("0");
  const std::array<std::string, 3> tokens = {new_token("4821"), new_token("77"), new_token("900")};
  std::array<std::array<std::string, kDocuments.size()>, tokens.size()> alone;
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    for (std::size_t d = 0; d < kDocuments.size(); ++d) {
      alone[t][d] = nodes_[0]->ask("program-progress", kDocuments[d], "Token " + tokens[t]).body;
    }
  }
  ASSERT_NE(alone[0][1], alone[1][1]);
  std::atomic<bool> ended = false;
  // Each makes what nodes remember of callers a thing of the past.
  std::jthread writer([&] {
    while (!ended) {
      EXPECT_TRUE(database_->write([](storage::Session&) { return Result<void>(); }));
    }
  });
  std::atomic<int> others = 0;
  {
    std::vector<std::jthread> clients;
    clients.reserve(kClients);
    for (int c = 0; c < kClients; ++c) {
      clients.emplace_back([&, c] {
        const Node& node = *nodes_[0];
        for (std::size_t i = 0; i < 60; ++i) {
          const std::size_t t = (static_cast<std::size_t>(c) + i / 7) % tokens.size();
          const std::size_t d = i % kDocuments.size();
          const Reply reply = node.ask("program-progress", kDocuments[d], "Token " + tokens[t]);
          if (reply.body != alone[t][d]) {
            ++others;
            ADD_FAILURE() << kDocuments[d] << "\n" << reply.body << "\nalone: " << alone[t][d];
          }
        }
      });
    }
  }
  ended = true;
  EXPECT_EQ(others, 0);
}

TEST_F(Nodes, AHundredAreAHundredHoweverManyAskAtOnce) {
  start("100");
  const std::string token = new_token();
  Answers answers;
  ask_at_once(token, kClients, 5, answers);
  EXPECT_EQ(answers.admitted, 100);
  EXPECT_EQ(answers.refused, kClients * 5 - 100);
  EXPECT_EQ(answers.others, 0);
}

TEST_F(Nodes, WhatWasRevokedIsRefusedHoweverManyAskAtOnce) {
  start("0");
  const std::string token = new_token();
  const std::string jwt = login();
  const Reply made = create_token(*nodes_[1], jwt);
  const std::string revoked = text_in(made.body, "unredactedToken");
  std::atomic<bool> is_revoked = false;
  std::atomic<bool> ended = false;
  std::atomic<int> used = 0;
  std::atomic<int> refused = 0;
  std::vector<std::jthread> clients;
  clients.reserve(kClients);
  for (int c = 0; c < kClients; ++c) {
    clients.emplace_back([&, c] {
      while (!ended) {
        if (c % 2 == 0) {
          EXPECT_EQ(read_page(*nodes_[0], token).status, 200);
          continue;
        }
        const bool was_revoked = is_revoked;
        const Reply reply = read_page(*nodes_[0], revoked);
        EXPECT_TRUE(reply.status == 401 || (reply.status == 200 && !was_revoked)) << reply.body;
        ++(reply.status == 200 ? used : refused);
      }
    });
  }
  await(used, 50);
  const Reply reply = revoke(*nodes_[2], jwt, made);
  is_revoked = true;
  EXPECT_EQ(reply.body, R"({"data":{"revokeToken":true}})");
  await(refused, 200);
  ended = true;
}

}  // namespace
}  // namespace matricula::nodes
