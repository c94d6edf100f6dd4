// What holds while many requests wait, so that workers send them to the store together.
#include <array>
#include <fmt/format.h>
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
    "{ a: programProgress(input: {first: 1}) { edges { cursor } } b: programProgress { totalCount "
    "} "
    "}",
    "{ __typename }",
    "{ programProgress(input: {first: 0}) { nothing } }",
};

TEST_F(Nodes, ManyAtOnceGetWhatTheyAskedForAndOfTheirCompanyAlone) {
  start("0");
  const auto token_of = [&](const char* company) {
    return tokens_
        ->create({.description = "test", .company_ids = {company}},
                 {.principal = operator_, .address = "local"})
        .value()
        .unredacted_token;
  };
  const std::array<std::string, 3> tokens = {token_of("4821"), token_of("77"), token_of("900")};
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
      new_token();
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
  std::atomic<int> admitted = 0;
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> clients;
    clients.reserve(kClients);
    for (int c = 0; c < kClients; ++c) {
      clients.emplace_back([&, c] {
        for (int i = 0; i < 5; ++i) {
          const Reply reply = read_page(*nodes_[static_cast<std::size_t>(c % 3)], token);
          (reply.status == 200 ? admitted : refused) += reply.status == 200   ? 1
                                                        : reply.status == 429 ? 1
                                                                              : 1'000;
        }
      });
    }
  }
  EXPECT_EQ(admitted, 100);
  EXPECT_EQ(refused, kClients * 5 - 100);
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
  const Reply reply = nodes_[2]->ask(
      "tokens",
      fmt::format("mutation {{ revokeToken(tokenId: \"{}\") }}", text_in(made.body, "id")), jwt);
  is_revoked = true;
  EXPECT_EQ(reply.body, R"({"data":{"revokeToken":true}})");
  await(refused, 200);
  ended = true;
}

}  // namespace
}  // namespace matricula::nodes
