#include <fmt/format.h>
#include <gtest/gtest.h>

#include "exchange/testing.h"

// What must be unique counts in the state after a file, whatever the order of its lines.
namespace matricula::exchange {
namespace {

std::string user(int number, std::string_view email, std::string_view last = "L") {
  return fmt::format(
      R"({{"id":"00000000-0000-4000-8000-{:012}","email":"{}","firstName":"F","lastName":"{}"}})"
      "\n",
      number, email, last);
}

std::string company(std::string_view id, std::string_view slug) {
  return fmt::format(R"({{"id":"{}","slug":"{}","name":"N"}})"
                     "\n",
                     id, slug);
}

class HandoverTest : public testing::Test {
 protected:
  void SetUp() override {
    EXPECT_EQ(users(user(1, "a@x.org") + user(2, "b@x.org") + user(3, "c@x.org")), "+3 =0 -0");
    EXPECT_EQ(companies(company("1", "one") + company("2", "two") + company("3", "three")),
              "+3 =0 -0");
  }
  std::string users(const std::string& text, bool skip_invalid = false) {
    return store_.import_text("users.ndjson", text, skip_invalid);
  }
  std::string companies(const std::string& text, bool skip_invalid = false) {
    return store_.import_text("companies.ndjson", text, skip_invalid);
  }
  std::string emails() { return store_.select("SELECT email FROM users ORDER BY id"); }
  std::string slugs() { return store_.select("SELECT slug FROM companies ORDER BY id"); }

  ExchangeStore store_;
};

TEST_F(HandoverTest, TwoUsersExchangeTheirAddresses) {
  EXPECT_EQ(users(user(1, "b@x.org") + user(2, "a@x.org")), "+2 =0 -0");
  EXPECT_EQ(emails(), "b@x.org,a@x.org,c@x.org");
  EXPECT_EQ(store_.select("SELECT email_key FROM users ORDER BY id"), "b@x.org,a@x.org,c@x.org");
  EXPECT_EQ(store_.select("SELECT count(*) || '' FROM users WHERE search LIKE 'a@x.org%'"), "1");
}

TEST_F(HandoverTest, ThreeExchangeInACircleInAnyCaseOfLetters) {
  EXPECT_EQ(users(user(1, "B@x.org") + user(2, "C@x.org") + user(3, "A@x.org")), "+3 =0 -0");
  EXPECT_EQ(emails(), "B@x.org,C@x.org,A@x.org");
}

TEST_F(HandoverTest, AnAddressIsHandedOnInEitherOrderOfLines) {
  EXPECT_EQ(users(user(2, "a@x.org") + user(1, "new@x.org")), "+2 =0 -0");
  EXPECT_EQ(emails(), "new@x.org,a@x.org,c@x.org");
  EXPECT_EQ(users(user(1, "newer@x.org") + user(2, "new@x.org")), "+2 =0 -0");
  EXPECT_EQ(emails(), "newer@x.org,new@x.org,c@x.org");
}

TEST_F(HandoverTest, ChainsMoveWholeAndNewUsersTakeTheEnd) {
  EXPECT_EQ(
      users(user(4, "a@x.org") + user(1, "b@x.org") + user(2, "c@x.org") + user(3, "d@x.org")),
      "+4 =0 -0");
  EXPECT_EQ(emails(), "b@x.org,c@x.org,d@x.org,a@x.org");
}

TEST_F(HandoverTest, SlugsAreExchangedWhateverTheCompanyBesideThemIsCalled) {
  // An older version took control characters.
  const storage::Statement insert(
      "INSERT INTO companies(id, slug, name) VALUES ('4', char(1, 49), 'n')");
  ASSERT_TRUE(store_.database().write([&](storage::Session& session) -> Result<void> {
    MATRICULA_CHECK(session.execute(insert, {}));
    return {};
  }));
  EXPECT_EQ(companies(company("5", std::string(498, '-') + "1")), "+1 =0 -0");
  EXPECT_EQ(companies(company("1", "two") + company("2", "one")), "+2 =0 -0");
  EXPECT_EQ(store_.select("SELECT slug FROM companies WHERE id < '3' ORDER BY id"), "two,one");
}

// No later line makes these good.
TEST_F(HandoverTest, ASlugIsAPartOfAnAddress) {
  for (const std::string slug : {".", ".."}) {
    EXPECT_EQ(companies(company("4", slug)), "companies.ndjson:1: slug: \"" + slug +
                                                 "\" cannot be part of an address; choose another");
  }
  EXPECT_EQ(companies(company("4", "...")), "+1 =0 -0");
}

TEST_F(HandoverTest, ADeletionInTheSameFileFreesTheAddress) {
  EXPECT_EQ(
      users(user(1, "b@x.org") + R"({"_delete":true,"id":"00000000-0000-4000-8000-000000000002"})"
                                 "\n"),
      "+1 =0 -1");
  EXPECT_EQ(emails(), "b@x.org,c@x.org");
}

TEST_F(HandoverTest, ALaterLineOfTheSameUserCounts) {
  EXPECT_EQ(users(user(1, "b@x.org") + user(1, "free@x.org")), "+2 =0 -0");
  EXPECT_EQ(emails(), "free@x.org,b@x.org,c@x.org");
}

TEST_F(HandoverTest, TwoOwnersInTheStateAfterTheFileAreRefused) {
  EXPECT_EQ(users(user(1, "b@x.org") + user(3, "new@x.org")),
            "users.ndjson:1: email: \"b@x.org\" already belongs to another user");
  EXPECT_EQ(emails(), "a@x.org,b@x.org,c@x.org");
  // Both lines ask for the address that user 3 gives up; the first one gets it.
  EXPECT_EQ(users(user(1, "c@x.org") + user(2, "c@x.org") + user(3, "new@x.org")),
            "users.ndjson:2: email: \"c@x.org\" already belongs to another user");
  EXPECT_EQ(emails(), "a@x.org,b@x.org,c@x.org");
}

TEST_F(HandoverTest, SkippingKeepsWhatDoesNotDependOnARefusedLine) {
  // User 2 stays at b, so user 1 cannot have it and stays at a, which user 3 cannot have then.
  EXPECT_EQ(
      users(user(3, "a@x.org") + user(1, "b@x.org") + user(2, "nowhere") + user(4, "free@x.org"),
            true),
      "users.ndjson:1: email: \"a@x.org\" already belongs to another user\n"
      "users.ndjson:2: email: \"b@x.org\" already belongs to another user\n"
      "users.ndjson:3: email: expected an e-mail address, found \"nowhere\"\n+1 =0 -0");
  EXPECT_EQ(emails(), "a@x.org,b@x.org,c@x.org,free@x.org");
}

TEST_F(HandoverTest, OfARefusedLineTheOneBeforeForTheSameUserCounts) {
  EXPECT_EQ(users(user(1, "b@x.org") + user(1, "c@x.org") + user(2, "new@x.org"), true),
            "users.ndjson:2: email: \"c@x.org\" already belongs to another user\n+2 =0 -0");
  EXPECT_EQ(emails(), "b@x.org,new@x.org,c@x.org");
}

TEST_F(HandoverTest, ARefusedLineDoesNotRefuseThoseThatAnEarlierOneHelps) {
  // User 2 cannot have c, and so has what the line before says; then b is free for user 1.
  EXPECT_EQ(users(user(4, "d@x.org"), true), "+1 =0 -0");
  EXPECT_EQ(users(user(1, "b@x.org") + user(2, "d@x.org") + user(2, "c@x.org") + user(4, "e@x.org"),
                  true),
            "users.ndjson:3: email: \"c@x.org\" already belongs to another user\n+3 =0 -0");
  EXPECT_EQ(emails(), "b@x.org,d@x.org,c@x.org,e@x.org");
}

TEST_F(HandoverTest, CompaniesExchangeAndHandOnTheirSlugs) {
  EXPECT_EQ(companies(company("1", "two") + company("2", "one")), "+2 =0 -0");
  EXPECT_EQ(slugs(), "two,one,three");
  EXPECT_EQ(companies(company("3", "one") + company("2", "fresh")), "+2 =0 -0");
  EXPECT_EQ(slugs(), "two,fresh,one");
  EXPECT_EQ(companies(company("3", "two")),
            "companies.ndjson:1: slug: \"two\" already belongs to the company \"1\"");
  EXPECT_EQ(companies(R"({"_delete":true,"id":"1"})"
                      "\n" +
                      company("3", "two")),
            "+1 =0 -1");
}

TEST_F(HandoverTest, AnExportOfAStoreGoesIntoOneThatHasTheSamePeople) {
  std::string forwards;
  std::string backwards;
  for (int i = 0; i < 300; ++i) {
    forwards += user(100 + i, fmt::format("p{}@x.org", i));
    backwards += user(100 + i, fmt::format("p{}@x.org", (i + 7) % 300));
  }
  EXPECT_EQ(users(forwards), "+300 =0 -0");
  EXPECT_EQ(users(backwards), "+300 =0 -0");
  EXPECT_EQ(users(backwards), "+0 =300 -0");
}

// A rule of the table that is not ours, as an operator's trigger: no other record explains it.
TEST_F(HandoverTest, AConflictWithoutAnOwnerEndsTheImport) {
  ASSERT_TRUE(store_.database().write([](storage::Session& session) -> Result<void> {
    const storage::Statement trigger(
        "CREATE TRIGGER theirs BEFORE INSERT ON users WHEN new.email = 'd@x.org' "
        "BEGIN SELECT RAISE(ABORT, 'theirs'); END");
    MATRICULA_CHECK(session.execute(trigger, {}));
    return {};
  }));
  EXPECT_TRUE(users(user(4, "d@x.org")).starts_with("error: users.ndjson: "));
  EXPECT_TRUE(users(user(4, "d@x.org"), true).starts_with("error: users.ndjson: "));
  EXPECT_EQ(users(user(4, "e@x.org")), "+1 =0 -0");
}

}  // namespace
}  // namespace matricula::exchange
