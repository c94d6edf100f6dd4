#include "portal/tokens_page.h"

#include <gmock/gmock.h>

#include "portal/limits.h"
#include "portal/testing.h"

namespace matricula::portal {
namespace {

using auth::good;
using testing::EndsWith;
using testing::HasSubstr;

constexpr const char* kTokensPath = "/portal/api/companies/11/tokens";

struct TokensPageTest : ApiFixture {
  auth::NewToken make(const std::string& description, std::vector<std::string> companies = {"11"}) {
    return good(tokens.create(
        {.description = description, .never_expires = true, .company_ids = std::move(companies)},
        as(oper)));
  }
  std::string list(std::string_view query, const auth::Principal& viewer) {
    const http::Response reply = get(kTokensPath, viewer, query);
    EXPECT_EQ(reply.status, 200) << query;
    return reply.body;
  }
  static std::size_t tokens_in(const std::string& body) {
    std::size_t count = 0;
    for (std::size_t at = body.find("{\"id\""); at != std::string::npos;
         at = body.find("{\"id\"", at + 1)) {
      ++count;
    }
    return count;
  }
};

TEST_F(TokensPageTest, TokensAreThoseThatReadTheCompany) {
  const auto own = good(tokens.create(
      {.description = "own", .expires_at = clock.now() + 1'000'000, .company_ids = {"11"}},
      as(oper)));
  const auto both = make("both", {"11", "12"});
  EXPECT_EQ(list("", admin({"11"})),
            R"({"tokens":[{"id":")" + both.token.id + R"(","redactedToken":")" +
                both.token.redacted_token +
                R"(","description":"","createdBy":"operator",)"
                R"("createdAt":"2026-01-01T00:00:00Z","expiresAt":null,"lastUsedAt":null,)"
                R"("scopes":["COMPANY"]},{"id":")" +
                own.token.id + R"(","redactedToken":")" + own.token.redacted_token +
                R"(","description":"own","createdBy":"operator",)"
                R"("createdAt":"2026-01-01T00:00:00Z","expiresAt":"2026-01-01T00:00:01Z",)"
                R"("lastUsedAt":null,"scopes":["COMPANY"]}],"next":null,)"
                R"("examined":2})");
  EXPECT_EQ(body("/portal/api/companies/13/tokens", staff),
            R"({"tokens":[],"next":null,"examined":0})");
  EXPECT_EQ(get("/portal/api/companies/12/tokens", admin({"11"})).status, 404);
}

TEST_F(TokensPageTest, EveryTokenIsOnSomePage) {
  for (std::int64_t i = 0; i < kTokensMax + 1; ++i) {
    make("Token no." + std::to_string(i));
  }
  const auth::Principal viewer = admin({"11"});
  const std::string first = list("", viewer);
  EXPECT_EQ(tokens_in(first), 50U);
  EXPECT_THAT(first, EndsWith(R"(],"next":2,"examined":50})"));
  const std::string second = list("before=2", viewer);
  EXPECT_EQ(tokens_in(second), 1U);
  EXPECT_THAT(second, HasSubstr(R"("description":"Token no.0")"));
  EXPECT_THAT(second, EndsWith(R"(],"next":null,"examined":1})"));
  EXPECT_EQ(tokens_in(list("q=token+NO.5", viewer)), 2U);
}

TEST_F(TokensPageTest, ATokenIsFoundByItsNameItsMakerAndItsId) {
  const auth::Principal viewer = admin({"11"});
  const auto first = make("First of all");
  const auto credential =
      good(credentials.create({.company_ids = {"11"}, .description = "Nightly"}, as(oper)));
  const auto made = good(tokens.generate(
      *reader, {.client_id = credential.client_id, .client_secret = credential.client_secret},
      as(anonymous)));
  EXPECT_THAT(list("q=ALL+first", viewer), HasSubstr(first.token.id));
  EXPECT_EQ(tokens_in(list("q=ALL+first", viewer)), 1U);
  for (const std::string& query : {std::string("credential+nightly"), made.token.id,
                                   credential.credential.id, made.token.redacted_token}) {
    const std::string found = list("q=" + query, viewer);
    EXPECT_THAT(found, HasSubstr(made.token.id)) << query;
    EXPECT_EQ(tokens_in(found), 1U) << query;
  }
  // What is not shown is not found.
  make("Names 12", {"11", "12"});
  EXPECT_EQ(tokens_in(list("q=names", viewer)), 0U);
  EXPECT_EQ(tokens_in(list("q=names", admin({"11", "12"}))), 1U);
}

TEST_F(TokensPageTest, AWrongParameterIsNamed) {
  const http::Response reply = get(kTokensPath, staff, "refused=true");
  EXPECT_EQ(reply.status, 400);
  EXPECT_THAT(reply.body, HasSubstr("there are before, q."));
  EXPECT_EQ(get(kTokensPath, staff, "before=x").status, 400);
}

}  // namespace
}  // namespace matricula::portal
