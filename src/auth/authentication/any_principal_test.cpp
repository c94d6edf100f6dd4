#include <sodium.h>

#include "auth/authentication/sessions.h"
#include "auth/issuer/jwt.h"
#include "auth/testing.h"

namespace matricula::auth {
namespace {

constexpr auto kWrongPair = "UNAUTHENTICATED invalid client credentials";
constexpr auto kNotFound = "UNAUTHENTICATED token not found";

std::string basic(const std::string& id, const std::string& secret,
                  int variant = sodium_base64_VARIANT_ORIGINAL) {
  const std::string pair = id + ":" + secret;
  std::string text(sodium_base64_encoded_len(pair.size(), variant), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(pair.data()),
                    pair.size(), variant);
  text.pop_back();
  return "Basic " + text;
}

struct AnyPrincipalTest : AuthFixture {
  Result<std::shared_ptr<const Principal>> by(const std::string& authorization) const {
    return authenticator->any_principal({.authorization = authorization});
  }
  std::string said(const std::string& authorization) const { return outcome(by(authorization)); }
};

TEST_F(AnyPrincipalTest, ATokenMayComeUnderEitherScheme) {
  const auto made = good(tokens.create({.description = ""}, as(oper)));
  for (const std::string scheme : {"Token ", "Bearer ", "bearer  "}) {
    EXPECT_EQ(good(by(scheme + made.unredacted_token))->token_id, *parse_uuid(made.token.id));
  }
  EXPECT_EQ(said("Digest " + made.unredacted_token), kNotFound);
  EXPECT_EQ(said(made.unredacted_token), kNotFound);
  EXPECT_EQ(said("Bearer " + std::string(32, '0')), kNotFound);
  EXPECT_EQ(outcome(authenticator->any_principal({})), "UNAUTHENTICATED no Authorization header");
  good(tokens.revoke(made.token.id, as(oper)));
  EXPECT_EQ(said("Bearer " + made.unredacted_token), "UNAUTHENTICATED token is no longer valid");
}

TEST_F(AnyPrincipalTest, AClientIdAndItsSecretActAsTheirTokenWould) {
  const auto credential = good(credentials.create({.company_ids = {"11", "12"}}, as(oper)));
  const auto principal = good(by(basic(credential.client_id, credential.client_secret)));
  EXPECT_EQ(principal->kind, PrincipalKind::kToken);
  EXPECT_EQ(principal->scopes,
            (std::vector<Scope>{{ScopeType::kCompany, "11"}, {ScopeType::kCompany, "12"}}));
  EXPECT_EQ(principal->identity,
            ratelimit::identity_of(ratelimit::IdentityKind::kCredential, credential.credential.id));
  EXPECT_EQ(said(basic(credential.client_id, credential.client_secret,
                       sodium_base64_VARIANT_ORIGINAL_NO_PADDING)),
            "ok");
}

TEST_F(AnyPrincipalTest, WhateverIsWrongWithAPairTheRefusalIsTheSame) {
  const auto credential = good(credentials.create({.company_ids = {"11"}}, as(oper)));
  const auto other = good(credentials.create({.company_ids = {"12"}}, as(oper)));
  EXPECT_EQ(said(basic(credential.client_id, other.client_secret)), kWrongPair);
  EXPECT_EQ(said(basic("udcl_" + std::string(32, '0'), credential.client_secret)), kWrongPair);
  EXPECT_EQ(said(basic(std::string("a\0\xff", 3), credential.client_secret)), kWrongPair);
  EXPECT_EQ(said(basic(credential.client_id, "")), kWrongPair);
  EXPECT_EQ(said("Basic"), kNotFound);
  EXPECT_EQ(said("Basic "), kWrongPair);
  EXPECT_EQ(said("Basic %%%"), kWrongPair);
  EXPECT_EQ(said("Basic bm9jb2xvbg=="), kWrongPair);
  good(credentials.revoke(credential.credential.id, as(oper)));
  EXPECT_EQ(said(basic(credential.client_id, credential.client_secret)), kWrongPair);
}

TEST_F(AnyPrincipalTest, APersonMayComeWithAJwtOrWithTheCookieAlone) {
  const Principal person = admin({"11"});
  const std::string cookie = "a cookie";
  const SessionInsert session{.id = new_uuid(),
                              .digest = secrets.digest(DigestKind::kSession, cookie),
                              .user_id = person.user_id,
                              .created_at = clock.now(),
                              .expires_at = clock.now() + 43'200'000'000};
  good(store.database().write(
      [&](storage::Session& writer) { return insert_session(writer, session); }));
  const std::string jwt = sign_jwt(secrets, {.user_id = session.user_id,
                                             .session_id = session.id,
                                             .issued_at = clock.now(),
                                             .expires_at = clock.now() + kJwtSeconds * 1'000'000});
  EXPECT_EQ(good(by("Bearer " + jwt))->admin_of, std::vector<std::string>{"11"});
  EXPECT_EQ(good(authenticator->any_principal({.session_cookie = cookie}))->user_id,
            person.user_id);
  EXPECT_EQ(outcome(authenticator->any_principal({.session_cookie = "another"})),
            "UNAUTHENTICATED token is no longer valid");
}

TEST_F(AnyPrincipalTest, ThatASecretWasUsedIsKeptWithItsCredential) {
  const auto credential = good(credentials.create({.company_ids = {"11"}}, as(oper)));
  UseCounter counter(clock);
  clock.advance(std::chrono::seconds(5));
  counter.count(*good(by(basic(credential.client_id, credential.client_secret))), {});
  flush(counter);
  const auto kept =
      good(read_credential(*reader, *parse_uuid(credential.credential.id), clock.now()));
  EXPECT_EQ(kept->last_used_at, clock.now());
}

}  // namespace
}  // namespace matricula::auth
