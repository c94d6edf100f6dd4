#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <span>

#include "storage/postgres/testing_cluster.h"
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

TEST(Uses, AreWrittenWhileWindowsCannotBeSwept) {
  World world("tests/cases/data", {}, Engine::kPostgres);
  const std::string token = world.token_for("4821");
  const Answer answer =
      world.send("POST", "catalog",
                 {{"Content-Type", "application/json"}, {"Authorization", "Token " + token}}, "",
                 R"({"query":"{ __typename }"})");
  EXPECT_EQ(answer.status, 200);
  const auto reader = world.database().open_reader().value();
  const auto ask = [&](const char* text) {
    const storage::Statement statement(text);
    const auto rows = reader->query(statement, {}).value();
    EXPECT_TRUE(rows->next().value());
    return std::string(rows->text(0));
  };
  storage::postgres::PrivateCluster::instance().run(
      "ALTER TABLE request_windows RENAME TO elsewhere", ask("SELECT current_database()::text"));
  EXPECT_FALSE(world.pipeline().flush_uses(storage::kNoDeadline));
  EXPECT_EQ(ask("SELECT SUM(uses)::text FROM token_use_days"), "1");
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

// A request of an admin with so many mutations, each of which makes a token.
Answer make_tokens(World& world, int count, const std::string& more = "") {
  std::string document = "mutation {";
  for (int i = 0; i < count; ++i) {
    document += " t" + std::to_string(i) +
                ": createToken(input: {description: \"x\", companyId: \"4821\"}) { expiresIn }";
  }
  return world.run({.method = "POST",
                    .endpoint = "tokens",
                    .words = {{"user", "admin@acme.example"}},
                    .document = document + more + " }"});
}

std::size_t tokens_of_admin(World& world) {
  const std::string body = world
                               .run({.method = "POST",
                                     .endpoint = "tokens",
                                     .words = {{"user", "admin@acme.example"}},
                                     .document = "{ tokens { id } }"})
                               .body;
  std::size_t count = 0;
  for (std::size_t at = body.find("\"id\""); at != std::string::npos;
       at = body.find("\"id\"", at + 1)) {
    ++count;
  }
  return count;
}

TEST(Mutations, EachOfARequestCountsAsARequest) {
  for (const Engine engine : {Engine::kSqlite, Engine::kPostgres}) {
    World world("tests/cases/data", {.rate_limit = 5}, engine);
    EXPECT_EQ(header(make_tokens(world, 2), "X-RateLimit-Remaining"), "3");
    EXPECT_EQ(header(make_tokens(world, 1,
                                 " t9: createToken(input: {description: \"x\"}) "
                                 "@skip(if: true) { expiresIn } __typename"),
                     "X-RateLimit-Remaining"),
              "2");
    // Two are left, and three are asked for: none of them is made.
    const Answer refused = make_tokens(world, 3);
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(header(refused, "X-RateLimit-Remaining"), "0");
    EXPECT_EQ(header(refused, "Retry-After"), "60");
    world.clock().advance(std::chrono::seconds(60));
    EXPECT_EQ(tokens_of_admin(world), 3U);
    EXPECT_EQ(header(make_tokens(world, 4), "X-RateLimit-Remaining"), "0");
    world.clock().advance(std::chrono::seconds(60));
    const Answer never = make_tokens(world, 6);
    EXPECT_EQ(never.status, 200);
    EXPECT_THAT(never.body, testing::HasSubstr("6 mutations count as 6 requests"));
    EXPECT_EQ(tokens_of_admin(world), 7U);
  }
}

TEST(Mutations, ARequestHasTenOfThemAtMost) {
  World world("tests/cases/data", {.rate_limit = 100});
  EXPECT_EQ(header(make_tokens(world, 10), "X-RateLimit-Remaining"), "90");
  const Answer refused = make_tokens(world, 11);
  EXPECT_THAT(refused.body, testing::HasSubstr("Operation has more than 10 mutations, the limit "
                                               "\\\"mutations\\\" of this server."));
  EXPECT_EQ(tokens_of_admin(world), 10U);
}

// Documents of the endpoint that were parsed.
std::uint64_t parsed(World& world) {
  const auto& pipeline = world.pipeline();
  const std::size_t index = pipeline.endpoint_at("/api/public/api/v1/tokens/graphql")->index;
  return pipeline.metrics(0, index).plan_misses.load();
}

TEST_F(LimitsTest, AStrangersDocumentIsNotReadWhenTheAddressIsOverItsAllowanceUnlessItIsShort) {
  const std::string blanks(16 * 1'024, ' ');
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ask("tokens", "", "{ me { id } }").status, 401);
  }
  const std::uint64_t before = parsed(world);
  EXPECT_EQ(before, 1U);
  const Answer refused = ask("tokens", "", "{ me { email }" + blanks + "}");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(left(refused), "0");
  EXPECT_EQ(parsed(world), before);
  // One that is short may be a token exchange, and is read as far as one can be long.
  std::string many = "{ me {";
  for (int i = 0; i < 300; ++i) {
    many += " id";
  }
  EXPECT_EQ(ask("tokens", "", many + " } }").status, 429);
  EXPECT_EQ(parsed(world), before + 1);
  EXPECT_EQ(ask("tokens", "", "{ me { lastName }" + std::string(15'000, ' ') + "}").status, 429);
  EXPECT_EQ(parsed(world), before + 2);
}

TEST_F(LimitsTest, ATokenThatWasNotFoundIsNotLookedForAgainForTenSeconds) {
  const std::string token = "Token " + world.token_for("4821");
  const storage::Statement read("SELECT digest FROM api_tokens");
  const storage::Statement change("UPDATE api_tokens SET digest = ?1");
  std::string digest;
  const auto set_digest = [&](std::string_view value) {
    const storage::Bind bind = storage::Bytes(std::as_bytes(std::span(value)));
    ASSERT_TRUE(world.database().write([&](storage::Session& session) -> Result<void> {
      MATRICULA_TRY(const storage::RowsHandle rows, session.query(read, {}));
      MATRICULA_CHECK(rows->next());
      digest = digest.empty() ? storage::as_text(rows->bytes(0)) : digest;
      return {};
    }));
    ASSERT_TRUE(world.database().write([&](storage::Session& session) -> Result<void> {
      MATRICULA_CHECK(session.execute(change, std::span(&bind, 1)));
      return {};
    }));
  };
  set_digest(std::string(32, 'x'));
  EXPECT_EQ(ask("catalog", token, "{ __typename }").status, 401);
  set_digest(std::string(digest));
  world.clock().advance(std::chrono::milliseconds(9'999));
  EXPECT_EQ(ask("catalog", token, "{ __typename }").status, 401);
  world.clock().advance(std::chrono::milliseconds(1));
  EXPECT_EQ(ask("catalog", token, "{ __typename }").status, 200);
}

}  // namespace
}  // namespace matricula::cases
