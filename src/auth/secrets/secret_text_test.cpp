#include "auth/secrets/secret_text.h"

#include <gtest/gtest.h>

#include "auth/schema/uuid.h"

namespace matricula::auth {
namespace {

TEST(SecretText, ATokenIs32LowerCaseHexDigits) {
  const std::string token = new_token_text();
  EXPECT_TRUE(is_token_text(token));
  EXPECT_NE(token, new_token_text());
  EXPECT_FALSE(is_token_text(token.substr(1)));
  EXPECT_FALSE(is_token_text(token + "0"));
  EXPECT_FALSE(is_token_text("ABCDEF0123456789abcdef0123456789"));
}

TEST(SecretText, ARedactedTokenShowsEightDigits) {
  EXPECT_EQ(redacted_token("abc10000000000000000000000005678"), "abc1****5678");
}

TEST(SecretText, AClientIdHasItsPrefixAnd32HexDigits) {
  const std::string id = new_client_id();
  EXPECT_EQ(id.substr(0, 5), "udcl_");
  EXPECT_TRUE(is_token_text(std::string_view(id).substr(5)));
}

TEST(SecretText, AClientSecretEndsInAChecksumThatKnowsEveryTypo) {
  const std::string secret = new_client_secret();
  ASSERT_TRUE(is_client_secret_text(secret));
  EXPECT_EQ(secret.size(), 41U);
  for (std::size_t i = 0; i < secret.size(); ++i) {
    std::string wrong = secret;
    wrong[i] = wrong[i] == 'a' ? 'b' : 'a';
    EXPECT_FALSE(is_client_secret_text(wrong)) << i;
  }
  EXPECT_FALSE(is_client_secret_text(secret.substr(0, 40)));
  EXPECT_FALSE(is_client_secret_text(""));
}

TEST(SecretText, ARedactedSecretShowsItsLastFourCharacters) {
  EXPECT_EQ(redacted_client_secret(client_secret_tail("udcs_abcdWXYZ")), "udcs_••••••••WXYZ");
}

TEST(Uuid, IsVersionFourAndReadsBack) {
  const Uuid uuid = new_uuid();
  const std::string text = uuid_text(uuid);
  EXPECT_EQ(text[14], '4');
  EXPECT_EQ(parse_uuid(text), uuid);
  EXPECT_EQ(uuid_of(uuid.bytes()), uuid);
  EXPECT_EQ(uuid_text(*parse_uuid("00112233-4455-4677-8899-AABBCCDDEEFF")),
            "00112233-4455-4677-8899-aabbccddeeff");
  EXPECT_EQ(parse_uuid("00112233-4455-4677-8899-AABBCCDDEEF"), std::nullopt);
}

}  // namespace
}  // namespace matricula::auth
