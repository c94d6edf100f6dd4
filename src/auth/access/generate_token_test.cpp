#include "auth/testing.h"

namespace matricula::auth {
namespace {

constexpr auto kInvalid = "UNAUTHORIZED invalid client credentials";

struct GenerateTokenTest : AuthFixture {
  NewClientCredential made_for(std::vector<std::string> companies) {
    return good(credentials.create({.company_ids = std::move(companies)}, as(oper)));
  }
  Result<NewToken> generate(std::string client_id, std::string secret,
                            std::optional<std::string> company = {}) {
    return tokens.generate(*reader,
                           {.client_id = std::move(client_id),
                            .client_secret = std::move(secret),
                            .company_id = std::move(company)},
                           as(anonymous));
  }
};

TEST_F(GenerateTokenTest, GivesATokenOfAnHourWithTheCompanysScope) {
  const auto credential = made_for({"11"});
  const NewToken made = good(generate(credential.client_id, credential.client_secret));
  EXPECT_EQ(made.expires_in, 3600);
  EXPECT_EQ(made.token.expires_at, clock.now() + 3'600'000'000);
  EXPECT_EQ(made.token.credential_id, credential.credential.id);
  EXPECT_EQ(made.token.redacted_token,
            made.unredacted_token.substr(0, 4) + "****" + made.unredacted_token.substr(28));
  ASSERT_EQ(made.token.scopes.size(), 1U);
  EXPECT_EQ(made.primary_scope->id, made.token.scopes[0].id);
  EXPECT_EQ(made.token.scopes[0].scope_key, "11");
  EXPECT_EQ(made.token.scopes[0].scope_type, ScopeType::kCompany);
  ASSERT_EQ(made.token.scopes_history.size(), 1U);
  EXPECT_EQ(made.token.scopes_history[0].scope.id, made.token.scopes[0].id);

  const auto principal = good(authenticator->data_principal("Token " + made.unredacted_token));
  EXPECT_EQ(principal->scopes, (std::vector<Scope>{{ScopeType::kCompany, "11"}}));
  EXPECT_EQ(principal->identity,
            ratelimit::identity_of(ratelimit::IdentityKind::kCredential, credential.credential.id));
  EXPECT_EQ(trail(),
            (std::vector<std::string>{"operator credential.create", "credential token.generate"}));
}

TEST_F(GenerateTokenTest, EndsAfterExactlyAnHour) {
  const auto credential = made_for({"11"});
  const auto token = good(generate(credential.client_id, credential.client_secret));
  clock.advance(std::chrono::seconds(3'600) - std::chrono::microseconds(1));
  EXPECT_EQ(use(token.unredacted_token), "ok");
  clock.advance(std::chrono::microseconds(1));
  EXPECT_EQ(use(token.unredacted_token), "UNAUTHENTICATED token is no longer valid");
}

TEST_F(GenerateTokenTest, UnknownIdWrongSecretAndTypoLookTheSame) {
  const auto credential = made_for({"11"});
  const auto other = made_for({"12"});
  std::string typo = credential.client_secret;
  typo.back() = typo.back() == 'a' ? 'b' : 'a';
  EXPECT_EQ(outcome(generate("udcl_0", credential.client_secret)), kInvalid);
  EXPECT_EQ(outcome(generate("", "")), kInvalid);
  EXPECT_EQ(outcome(generate(credential.client_id, other.client_secret)), kInvalid);
  EXPECT_EQ(outcome(generate(credential.client_id, typo)), kInvalid);
  EXPECT_EQ(trail().back(), "anonymous token.generate refused");
}

TEST_F(GenerateTokenTest, ACompanyThatIsNotCoveredIsInvalidCredentials) {
  const auto credential = made_for({"11"});
  EXPECT_EQ(outcome(generate(credential.client_id, credential.client_secret, "12")), kInvalid);
  EXPECT_EQ(outcome(generate(credential.client_id, credential.client_secret, "11")), "ok");
}

TEST_F(GenerateTokenTest, SeveralCompaniesNeedACompanyId) {
  const auto credential = made_for({"11", "12"});
  EXPECT_EQ(outcome(generate(credential.client_id, credential.client_secret)),
            "BAD_USER_INPUT The client credential covers several companies: companyId must name "
            "one.");
  EXPECT_EQ(
      good(generate(credential.client_id, credential.client_secret, "12")).primary_scope->scope_key,
      "12");
}

TEST_F(GenerateTokenTest, ARevokedCredentialIsInvalidAndEndsItsTokens) {
  const auto credential = made_for({"11"});
  const auto token = good(generate(credential.client_id, credential.client_secret));
  EXPECT_EQ(use(token.unredacted_token), "ok");
  good(credentials.revoke(credential.credential.id, as(oper)));
  EXPECT_EQ(use(token.unredacted_token), "UNAUTHENTICATED token is no longer valid");
  EXPECT_EQ(outcome(generate(credential.client_id, credential.client_secret)), kInvalid);
}

TEST_F(GenerateTokenTest, NeitherTokenNorSecretIsInTheStore) {
  const auto credential = made_for({"11"});
  const auto token = good(generate(credential.client_id, credential.client_secret));
  authenticator.reset();
  reader.reset();
  store.close();
  std::string bytes;
  for (const auto& entry : std::filesystem::directory_iterator(store.directory().path())) {
    std::FILE* file = std::fopen(entry.path().c_str(), "rb");
    ASSERT_NE(file, nullptr);
    std::array<char, 65'536> buffer;
    for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), file)) > 0;) {
      bytes.append(buffer.data(), n);
    }
    std::fclose(file);
  }
  EXPECT_NE(bytes.find(credential.client_id), std::string_view::npos);
  EXPECT_EQ(bytes.find(token.unredacted_token), std::string_view::npos);
  EXPECT_EQ(bytes.find(credential.client_secret.substr(0, 20)), std::string_view::npos);
}

}  // namespace
}  // namespace matricula::auth
