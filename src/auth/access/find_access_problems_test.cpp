#include "auth/access/find_access_problems.h"

#include "auth/access/user_service.h"
#include "auth/testing.h"

namespace matricula::auth {
namespace {

using Problems = std::vector<std::string>;

struct FindAccessProblemsTest : AuthFixture {
  void SetUp() override {
    AuthFixture::SetUp();
    change("INSERT INTO store_keys(name, value) VALUES ('check', x'00')");
    good(tokens.create({.description = "", .company_ids = {"11"}}, as(staff)));
    // The fixture's people have roles and no record.
    change("DELETE FROM user_roles");
    good(users.add({.email = "a@example.org", .admin_of = {"11"}, .password = "correct horse"},
                   as(oper)));
    good(credentials.create({.company_ids = {"11"}, .description = ""}, as(oper)));
  }
  void change(const std::string& sql) {
    const storage::Statement statement(sql);
    good(store.database().write([&](storage::Session& session) -> Result<void> {
      MATRICULA_CHECK(session.execute(statement, {}));
      return {};
    }));
  }
  // What is found where `sql` was run, which is then given up.
  Problems after(const std::string& sql) {
    const storage::Statement statement(sql);
    Problems problems;
    const auto given_up = store.database().write([&](storage::Session& session) -> Result<void> {
      EXPECT_GT(good(session.execute(statement, {})), 0) << sql;
      problems = good(find_access_problems(session));
      return fail(ErrorCode::kConflict, "given up");
    });
    EXPECT_EQ(given_up.error().message, "given up");
    return problems;
  }

  PasswordHasher hasher;
  UserService users{store.database(), hasher, refusals, clock};
};

TEST_F(FindAccessProblemsTest, NamesWhatIsWrong) {
  EXPECT_EQ(good(find_access_problems(*reader)), Problems());
  EXPECT_EQ(after("UPDATE user_passwords SET user_id = x'00'"),
            Problems{"1 passwords of people who do not exist"});
  EXPECT_EQ(after("UPDATE user_roles SET company_id = 'ghost' WHERE company_id = '11'"),
            Problems{"1 admins of companies that do not exist"});
  EXPECT_EQ(after("UPDATE credential_companies SET company_id = 'ghost'"),
            Problems{"1 client credentials of companies that do not exist"});
  EXPECT_EQ(after("DELETE FROM credential_secrets"),
            Problems{"1 client credentials without a secret"});
  EXPECT_EQ(after("UPDATE token_scopes SET scope_key = 'ghost'"),
            Problems{"1 scopes of companies that do not exist"});
  EXPECT_EQ(
      after("INSERT INTO limit_overrides VALUES ('company', 'ghost', 5), ('company', '11', 5)"),
      Problems{"1 limits of companies that do not exist; `matricula limits clear --company "
               "ID` removes one"});
  EXPECT_EQ(after("INSERT INTO limit_overrides VALUES ('credential',"
                  " '01234567-89ab-cdef-0123-456789abcdef', 5)"),
            Problems{"1 limits of client credentials that do not exist; `matricula limits clear "
                     "--credential ID` removes one"});
  EXPECT_EQ(after("UPDATE api_tokens SET digest = x'00'"),
            Problems{"1 tokens whose digest is none"});
  EXPECT_EQ(after("DELETE FROM store_keys"),
            Problems{"1 tokens in a store that does not know its key file"});
}

TEST_F(FindAccessProblemsTest, WhatWasRevokedMayOutliveItsCompany) {
  change("UPDATE api_tokens SET revoked_at = 1");
  change("UPDATE client_credentials SET revoked_at = 1");
  EXPECT_EQ(after("UPDATE token_scopes SET scope_key = 'ghost'"), Problems());
  EXPECT_EQ(after("UPDATE credential_companies SET company_id = 'ghost'"), Problems());
}

}  // namespace
}  // namespace matricula::auth
