#include <gtest/gtest.h>
#include <random>

#include "tests/cases/world.h"

namespace matricula::cases {
namespace {

// The value of a header of an answer; empty where it has none.
std::string header(const Answer& answer, const std::string& name) {
  const std::size_t start = answer.headers.find(name + ": ");
  if (start == std::string_view::npos) {
    return "";
  }
  const std::size_t value = start + name.size() + 2;
  return answer.headers.substr(value, answer.headers.find("\r\n", value) - value);
}

struct LimitsTest : testing::Test {
  explicit LimitsTest(std::uint32_t limit = 3) : world("tests/cases/data", {.rate_limit = limit}) {}

  Answer ask(const std::string& endpoint, const std::string& authorization,
             const std::string& document) {
    std::map<std::string, std::string> headers{{"Content-Type", "application/json"}};
    if (!authorization.empty()) {
      headers["Authorization"] = authorization;
    }
    return world.send("POST", endpoint, headers, "", R"({"query":")" + document + "\"}");
  }
  std::string left(const Answer& answer) { return header(answer, "X-RateLimit-Remaining"); }

  World world;
};

TEST_F(LimitsTest, AJumpOfTheWallClockChangesNothing) {
  const std::string token = "Token " + world.token_for("4821");
  const Timestamp start = world.clock().now();
  EXPECT_EQ(left(ask("catalog", token, "{ __typename }")), "2");
  world.clock().set_calendar(start + 86'400'000'000);
  EXPECT_EQ(left(ask("catalog", token, "{ __typename }")), "1");
  world.clock().set_calendar(start - 86'400'000'000);
  EXPECT_EQ(left(ask("catalog", token, "{ __typename }")), "0");
  const Answer refused = ask("catalog", token, "{ __typename }");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(header(refused, "Retry-After"), "60");
  world.clock().set_calendar(start + 3'600'000'000);
  EXPECT_EQ(ask("catalog", token, "{ __typename }").status, 429);
  world.clock().advance(std::chrono::seconds(60));
  EXPECT_EQ(left(ask("catalog", token, "{ __typename }")), "2");
}

TEST(CompanyCeiling, HoldsOverAllTokensOfTheCompany) {
  for (const Engine engine : {Engine::kSqlite, Engine::kPostgres}) {
    World world("tests/cases/data", {.rate_limit = 3, .company_rate_limit = 4}, engine);
    const auto token_for = [&](const std::string& company) {
      const auth::Principal oper = auth::operator_principal();
      return "Token " + world.tokens()
                            .create({.description = "", .company_ids = {company}},
                                    {.principal = oper, .address = "local"})
                            .value()
                            .unredacted_token;
    };
    const auto ask = [&](const std::string& token) {
      return world.send("POST", "catalog",
                        {{"Content-Type", "application/json"}, {"Authorization", token}}, "",
                        R"({"query":"{ catalog { companyId } }"})");
    };
    const std::string one = token_for("4821");
    const std::string two = token_for("4821");
    for (const std::string& token : {one, one, one, two}) {
      EXPECT_EQ(ask(token).status, 200);
    }
    EXPECT_EQ(ask(one).status, 429);
    const Answer refused = ask(two);
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(header(refused, "X-RateLimit-Remaining"), "0");
    EXPECT_EQ(header(refused, "Retry-After"), "60");
    EXPECT_EQ(ask(token_for("77")).status, 200);
  }
}

TEST_F(LimitsTest, WaitingRetryAfterAlwaysSufficesWhoeverIsRefused) {
  std::mt19937 random(7);
  const std::string token = "Token " + world.token_for("4821");
  const std::string guess =
      R"(mutation { generateToken(input: {clientId: \"x\", clientSecret: \"y\"}) { expiresIn } })";
  for (int round = 0; round < 200; ++round) {
    world.clock().advance(std::chrono::milliseconds(random() % 15'000));
    for (const auto& [endpoint, authorization, document] :
         {std::tuple(std::string("catalog"), token, std::string("{ __typename }")),
          std::tuple(std::string("catalog"), std::string(), std::string("{ __typename }")),
          std::tuple(std::string("tokens"), std::string(), guess)}) {
      const Answer answer = ask(endpoint, authorization, document);
      if (answer.status != 429) {
        continue;
      }
      EXPECT_EQ(left(answer), "0");
      const int seconds = std::stoi(header(answer, "Retry-After"));
      EXPECT_GE(seconds, 1);
      EXPECT_LE(seconds, 60);
      world.clock().advance(std::chrono::seconds(seconds));
      EXPECT_NE(ask(endpoint, authorization, document).status, 429);
    }
  }
}

TEST_F(LimitsTest, WhateverSomebodyUnknownAsksIsChargedToTheAddress) {
  constexpr const char* kGenerate =
      R"(generateToken(input: {clientId: \"x\", clientSecret: \"y\"}) @skip(if: true) { expiresIn })";
  const std::string skipped = std::string("mutation { ") + kGenerate + " }";
  const std::string twice = std::string("mutation { a: ") + kGenerate + " b: " + kGenerate + " }";
  for (const std::string& document :
       {std::string("{ me { id } }"), std::string("{"), std::string("{ nothing }"), skipped, twice,
        std::string("mutation ($x: Int!) { a: ") + kGenerate + " }"}) {
    for (const char* const expected : {"2", "1", "0"}) {
      const Answer answer = ask("tokens", "", document);
      EXPECT_EQ(left(answer), expected) << document;
      EXPECT_EQ(header(answer, "X-RateLimit-Limit"), "3") << document;
    }
    EXPECT_EQ(ask("tokens", "", document).status, 429) << document;
    world.clock().advance(std::chrono::seconds(60));
  }
}

TEST_F(LimitsTest, AFailedGuessChargesItsPairAndItsAddress) {
  const auto guess = [&](const std::string& id) {
    return ask("tokens", "",
               R"(mutation { generateToken(input: {clientId: \")" + id +
                   R"(\", clientSecret: \"y\"}) { expiresIn } })");
  };
  EXPECT_EQ(left(guess("a")), "2");
  EXPECT_EQ(left(guess("b")), "2");
  EXPECT_EQ(left(guess("c")), "2");
  // The address has none left, whatever the pair has.
  EXPECT_EQ(guess("d").status, 429);
  EXPECT_EQ(ask("catalog", "", "{ __typename }").status, 429);
  // A right secret passes all the same.
  const auth::Principal oper = auth::operator_principal();
  const auto made = world.credentials().create({.company_ids = {"4821"}},
                                               {.principal = oper, .address = "local"});
  ASSERT_TRUE(made);
  const auto right = [&] {
    return ask("tokens", "",
               R"(mutation { generateToken(input: {clientId: \")" + made->client_id +
                   R"(\", clientSecret: \")" + made->client_secret + R"(\"}) { expiresIn } })");
  };
  for (const char* const expected : {"2", "1", "0"}) {
    const Answer answer = right();
    EXPECT_EQ(answer.body, R"({"data":{"generateToken":{"expiresIn":3600}}})");
    EXPECT_EQ(left(answer), expected);
  }
  // Until the budget of its own is spent.
  EXPECT_EQ(right().status, 429);
}

TEST_F(LimitsTest, TokensOfOneCredentialShareItsAllowance) {
  const auth::Principal oper = auth::operator_principal();
  const auto made = world.credentials().create({.company_ids = {"4821"}},
                                               {.principal = oper, .address = "local"});
  ASSERT_TRUE(made);
  std::vector<std::string> tokens;
  for (int i = 0; i < 2; ++i) {
    const Answer answer =
        ask("tokens", "",
            R"(mutation { generateToken(input: {clientId: \")" + made->client_id +
                R"(\", clientSecret: \")" + made->client_secret + R"(\"}) { unredactedToken } })");
    tokens.push_back("Token " + text_at(answer.body, "data.generateToken.unredactedToken"));
  }
  EXPECT_EQ(left(ask("catalog", tokens[0], "{ __typename }")), "2");
  EXPECT_EQ(left(ask("program-progress", tokens[1], "{ __typename }")), "1");
  EXPECT_EQ(left(ask("catalog", tokens[1], "{ __typename }")), "0");
  EXPECT_EQ(ask("catalog", tokens[0], "{ __typename }").status, 429);
}

}  // namespace
}  // namespace matricula::cases
