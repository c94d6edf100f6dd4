#include "storage/people_search.h"

#include <gtest/gtest.h>

namespace matricula::storage {
namespace {

using sql::Dialect;

std::string pattern(std::string_view text, Dialect dialect) {
  std::string made = "before";
  make_pattern(text, dialect, made);
  return made;
}

TEST(PeopleSearch, TheTrigramsOfSQLiteAreThreeCharacters) {
  EXPECT_FALSE(is_in_trigrams("ab", Dialect::kSqlite));
  EXPECT_FALSE(is_in_trigrams("ää", Dialect::kSqlite));
  EXPECT_TRUE(is_in_trigrams("äää", Dialect::kSqlite));
  EXPECT_TRUE(is_in_trigrams("@. ", Dialect::kSqlite));
}

TEST(PeopleSearch, ThoseOfPostgresAreThreeLettersOrDigitsInARow) {
  EXPECT_FALSE(is_in_trigrams("ab", Dialect::kPostgres));
  EXPECT_FALSE(is_in_trigrams("ab.cd@ef", Dialect::kPostgres));
  EXPECT_FALSE(is_in_trigrams("äää", Dialect::kPostgres));
  EXPECT_TRUE(is_in_trigrams("ä.a1b", Dialect::kPostgres));
  EXPECT_TRUE(is_in_trigrams("abc", Dialect::kPostgres));
}

TEST(PeopleSearch, APatternSaysWhatItIsMadeFromAndNothingElse) {
  EXPECT_EQ(pattern("say \"hi\" 100%", Dialect::kSqlite), "\"say \"\"hi\"\" 100%\"");
  EXPECT_EQ(pattern("100%_\\x \"hi\"", Dialect::kPostgres), "%100\\%\\_\\\\x \"hi\"%");
}

}  // namespace
}  // namespace matricula::storage
