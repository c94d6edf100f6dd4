#include "http/url.h"

#include <gtest/gtest.h>
#include <string>

namespace matricula::http {
namespace {

TEST(PercentDecode, TurnsHexPairsIntoBytes) {
  EXPECT_EQ(percent_decode("a%20b+c%C3%a9"), "a b+c\xc3\xa9");
  EXPECT_EQ(percent_decode(""), "");
}

TEST(PercentDecode, RefusesWhatIsCutOffNotHexNotUtf8OrNul) {
  for (const std::string_view bad : {"%", "%2", "a%2", "%zz", "%2g", "%ff", "%c3", "%00", "%-1"}) {
    EXPECT_EQ(percent_decode(bad), std::nullopt) << bad;
  }
}

TEST(PercentEncode, LeavesUnreservedCharactersAlone) {
  EXPECT_EQ(percent_encode("aZ09-._~ /\xc3\xa9"), "aZ09-._~%20%2F%C3%A9");
}

TEST(NormalPath, DecodesUnreservedCharactersAlone) {
  EXPECT_EQ(normal_path("/%64ata/v1%2Fx/%7e%2D%5fA%ZZ%2"), "/data/v1%2Fx/~-_A%ZZ%2");
  EXPECT_EQ(normal_path("%41"), "A");
  EXPECT_EQ(normal_path("/%2541%25%34%31"), "/%2541%2541") << "once";
  for (const std::string_view same : {"", "/data/v1", "/a%20b%00%FF%c3%a9", "/%", "/%4", "/%4g"}) {
    EXPECT_EQ(normal_path(same), std::nullopt) << same;
  }
}

TEST(WithoutSlash, TakesOneSlashFromTheEnd) {
  EXPECT_EQ(without_slash("/a/"), "/a");
  EXPECT_EQ(without_slash("/a//"), "/a/");
  EXPECT_EQ(without_slash("/a"), "/a");
  EXPECT_EQ(without_slash("/"), "/");
}

TEST(ParseQuery, GivesPairsInTheirOrder) {
  EXPECT_EQ(parse_query("query=%7Ba%7D&x=1+2&empty=&alone&&y=a=b"),
            (std::vector<QueryParameter>{
                {"query", "{a}"}, {"x", "1 2"}, {"empty", ""}, {"alone", ""}, {"y", "a=b"}}));
  EXPECT_EQ(parse_query(""), std::vector<QueryParameter>{});
}

TEST(ParseQuery, NulIsACharacterLikeOthers) {
  EXPECT_EQ(parse_query("a=x%00y"), (std::vector<QueryParameter>{{"a", std::string("x\0y", 3)}}));
}

TEST(ParseQuery, RefusesANameThatStandsTwiceAndBadEncoding) {
  EXPECT_EQ(parse_query("a=1&%61=2").error().message,
            "A parameter of the query string is repeated.");
  EXPECT_EQ(parse_query("a=%ff").error().message,
            "The query string is not valid percent-encoded UTF-8.");
  EXPECT_EQ(parse_query("%=1").error().code, ErrorCode::kBadUserInput);
}

TEST(ParseQuery, TakesABoundedNumberOfParameters) {
  std::string query;
  for (std::size_t i = 0; i < kQueryParametersMax; ++i) {
    query += "p" + std::to_string(i) + "&";
  }
  EXPECT_EQ(parse_query(query)->size(), kQueryParametersMax);
  EXPECT_EQ(parse_query(query + "q").error().message, "The query string has too many parameters.");
}

}  // namespace
}  // namespace matricula::http
