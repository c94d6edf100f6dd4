// What holds among nodes while all goes well.
#include "tests/nodes/nodes_fixture.h"

namespace matricula::nodes {
namespace {

// Made on one node, used on the next until it is in that one's memory, revoked on the third.
// MATRICULA_ROUNDS asks for more than a test needs every day.
TEST_F(Nodes, WhatOneNodeRevokedNoNodeAccepts) {
  start("0");
  const int rounds = rounds_of("MATRICULA_ROUNDS", 150);
  std::string jwt;
  for (int round = 0; round < rounds; ++round) {
    if (round % 1'000 == 0) {
      jwt = login();  // one holds for a quarter of an hour
    }
    const auto node = [&](int index) -> const Node& {
      return *nodes_[static_cast<std::size_t>((round + index) % 3)];
    };
    const Reply made = create_token(node(0), jwt);
    ASSERT_EQ(made.status, 200) << made.body;
    const std::string token = text_in(made.body, "unredactedToken");
    for (const int index : {1, 2, 1}) {
      const Reply used = read_page(node(index), token);
      ASSERT_EQ(used.status, 200) << used.body;
      ASSERT_NE(used.body.find("edges"), std::string::npos) << used.body;
    }
    const Reply revoked = revoke(node(2), jwt, made);
    ASSERT_EQ(revoked.body, R"({"data":{"revokeToken":true}})");
    for (const int index : {1, 0, 2}) {
      ASSERT_EQ(read_page(node(index), token).status, 401) << "round " << round;
    }
  }
}

TEST_F(Nodes, AHundredRequestsAMinuteAreAHundredAmongAllNodes) {
  start("100");
  const std::string token = new_token();
  Answers answers;
  ask_at_once(token, 3, 60, answers);
  EXPECT_EQ(answers.admitted, 100);
  EXPECT_EQ(answers.refused, 80);
  EXPECT_EQ(answers.others, 0);
}

}  // namespace
}  // namespace matricula::nodes
