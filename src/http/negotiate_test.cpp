#include "http/negotiate.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace matricula::http {
namespace {

constexpr std::string_view kNewJson = "application/graphql-response+json";
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kHtml = "text/html";

std::string chosen(std::optional<std::string_view> accept) {
  const auto offers = {kJson, kNewJson, kHtml};
  const auto best = best_offer(accept, offers);
  return best ? std::string(offers.begin()[*best]) : "none";
}

TEST(MediaType, IsReadInLowerCaseWithItsCharset) {
  EXPECT_EQ(parse_media_type("application/json"), (MediaType{"application", "json", ""}));
  EXPECT_EQ(parse_media_type(" Application/JSON ; Charset=\"UTF-8\" ; x=y"),
            (MediaType{"application", "json", "utf-8"}));
  EXPECT_EQ(parse_media_type("a/b;"), (MediaType{"a", "b", ""}));
  EXPECT_TRUE(parse_media_type("application/json; charset=utf-8")->is("application/json"));
  EXPECT_FALSE(parse_media_type("application/json5")->is("application/json"));
}

TEST(MediaType, WhatIsNotExactlyOneIsNone) {
  for (const std::string_view bad :
       {"", "json", "application/", "/json", "application/json, text/html",
        "a/b; charset=a; charset=b", "a b/c"}) {
    EXPECT_EQ(parse_media_type(bad), std::nullopt) << bad;
  }
}

TEST(MediaType, ParametersThatCannotBeReadAreIgnored) {
  for (const std::string_view odd :
       {"a/b; charset", "a/b; charset=", "a/b;; charset=\"\"", "a/b; charset=\"x", "a/b; c d=e"}) {
    EXPECT_EQ(parse_media_type(odd), (MediaType{"a", "b", ""})) << odd;
  }
  EXPECT_EQ(parse_media_type("a/b; odd; charset=x; charset=X"), (MediaType{"a", "b", "x"}));
}

TEST(MediaType, JsonIsReadAsUtf8ByEachOfItsNames) {
  for (const std::string_view good :
       {"application/json", "application/json; charset=utf-8", "application/json;charset=\"UTF-8\"",
        "application/json; charset=utf8", "application/json; charset=us-ascii",
        "application/json; charset=", "application/json;odata=verbose"}) {
    EXPECT_TRUE(is_utf8_json(parse_media_type(good))) << good;
  }
  for (const std::string_view bad :
       {"application/json; charset=utf-16", "application/json; charset=iso-8859-1", "text/json",
        "application/graphql-response+json", "application/json, text/plain"}) {
    EXPECT_FALSE(is_utf8_json(parse_media_type(bad))) << bad;
  }
}

TEST(BestOffer, WithoutAWishTheFirstOfferIsTaken) {
  EXPECT_EQ(chosen(std::nullopt), kJson);
  EXPECT_EQ(chosen(""), kJson);
  EXPECT_EQ(chosen(" , ;q=0,"), kJson);
  EXPECT_EQ(chosen("*/*"), kJson);
  EXPECT_EQ(chosen("application/*"), kJson);
}

TEST(BestOffer, TheHighestQualityWinsAndATieGoesToTheRangeNamedFirst) {
  EXPECT_EQ(chosen("application/graphql-response+json"), kNewJson);
  EXPECT_EQ(chosen("application/graphql-response+json, application/json;q=0.9"), kNewJson);
  EXPECT_EQ(chosen("application/graphql-response+json, application/json"), kNewJson);
  EXPECT_EQ(chosen("application/json, application/graphql-response+json"), kJson);
  EXPECT_EQ(chosen("application/graphql-response+json; charset=utf-8, "
                   "application/json; charset=utf-8"),
            kNewJson);
  EXPECT_EQ(chosen("application/graphql-response+json, application/graphql+json, "
                   "application/json, text/event-stream, multipart/mixed"),
            kNewJson);
  EXPECT_EQ(chosen("*/*, application/graphql-response+json"), kJson);
  EXPECT_EQ(chosen("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"), kHtml);
  EXPECT_EQ(chosen("text/*;q=0.3, application/json;q=0.2"), kHtml);
}

TEST(BestOffer, TheMostSpecificRangeDecidesAnOffer) {
  EXPECT_EQ(chosen("*/*, application/json;q=0"), kNewJson);
  EXPECT_EQ(chosen("application/*;q=0, */*"), kHtml);
  EXPECT_EQ(chosen("application/json;q=0.1, application/json;charset=utf-8"), kJson);
}

TEST(BestOffer, NothingAcceptableIsNone) {
  EXPECT_EQ(chosen("image/png"), "none");
  EXPECT_EQ(chosen("application/json;q=0"), "none");
  EXPECT_EQ(chosen("*/*;q=0"), "none");
}

TEST(BestOffer, AWeightOrAParameterThatCannotBeReadCountsAsOne) {
  for (const std::string_view odd :
       {"q=2", "q=.2", "q=0.1234", "q=1.0000", "q=0.0000", "q=", "q", "q=abc", "q=-0", "q = 0",
        "q=\"0", "v=;q=0", "v;q=0", "c d=e;q=0"}) {
    EXPECT_EQ(chosen("text/html;q=0.999, application/json;" + std::string(odd)), kJson) << odd;
  }
}

TEST(BestOffer, WhatJavaSendsTakesJson) {
  EXPECT_EQ(best_offer("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", {kJson, kNewJson}),
            std::optional<std::size_t>(0));
  EXPECT_EQ(chosen("*; q=.2"), kJson);
  EXPECT_EQ(chosen("*"), kJson);
  EXPECT_EQ(chosen("*;q=0"), "none");
}

TEST(BestOffer, ACharsetThatIsNotOursCountsOnlyWhereNothingElseDoes) {
  EXPECT_EQ(chosen("application/json;charset=latin1, text/html;q=0.1"), kHtml);
  EXPECT_EQ(chosen("application/json;charset=iso-8859-1"), kJson);
  EXPECT_EQ(chosen("image/png, application/graphql-response+json;charset=latin1;q=0.1"), kNewJson);
  EXPECT_EQ(chosen("application/json;charset=latin1;q=0"), "none");
  EXPECT_EQ(chosen("application/json;charset=utf-16"), "none");
  EXPECT_EQ(chosen("application/json;charset=utf8"), kJson);
}

TEST(BestOffer, EmptyMembersAndParametersAreSkipped) {
  EXPECT_EQ(chosen(",,;, text/html"), kHtml);
  EXPECT_EQ(chosen("application/json; ;q=0.5, text/html;;q=0.6;"), kHtml);
  EXPECT_EQ(chosen("application/json;v=\"a,b\";q=0.5, text/html;q=0.4"), kJson);
}

TEST(BestOffer, NoMoreThanTheBoundedNumberOfMembersIsRead) {
  std::string list;
  for (std::size_t i = 1; i < kListMembersMax; ++i) {
    list += "a/b,";
  }
  EXPECT_EQ(chosen(list + "text/html"), kHtml);
  EXPECT_EQ(chosen("a/b," + list + "text/html"), "none");
}

TEST(BestCoding, FollowsTheWeightAndThenTheOrderOfTheList) {
  EXPECT_EQ(best_coding(std::nullopt), ContentCoding::kIdentity);
  EXPECT_EQ(best_coding(""), ContentCoding::kIdentity);
  EXPECT_EQ(best_coding("gzip"), ContentCoding::kGzip);
  EXPECT_EQ(best_coding("zstd"), ContentCoding::kZstd);
  EXPECT_EQ(best_coding("gzip, deflate, br, zstd"), ContentCoding::kGzip);
  EXPECT_EQ(best_coding("zstd, gzip"), ContentCoding::kZstd);
  EXPECT_EQ(best_coding("gzip;q=0.5, zstd;q=0.5"), ContentCoding::kGzip);
  EXPECT_EQ(best_coding("gzip;q=0.9, zstd"), ContentCoding::kZstd);
  EXPECT_EQ(best_coding("gzip;q=1.0, zstd;q=0.9"), ContentCoding::kGzip);
  EXPECT_EQ(best_coding("br"), ContentCoding::kIdentity);
  EXPECT_EQ(best_coding("gzip;q=0"), ContentCoding::kIdentity);
  EXPECT_EQ(best_coding("gzip;q=0.5, identity"), ContentCoding::kIdentity);
  EXPECT_EQ(best_coding("identity, gzip"), ContentCoding::kIdentity);
  EXPECT_EQ(best_coding("gzip, identity"), ContentCoding::kGzip);
  EXPECT_EQ(best_coding("GZIP"), ContentCoding::kGzip);
  EXPECT_EQ(best_coding("x-gzip"), ContentCoding::kGzip);
}

TEST(BestCoding, AStarIsGzipAndBehindItIdentity) {
  EXPECT_EQ(best_coding("*"), ContentCoding::kGzip);
  EXPECT_EQ(best_coding("*;q=0.1"), ContentCoding::kGzip);
  EXPECT_EQ(best_coding("*, zstd"), ContentCoding::kGzip);
  EXPECT_EQ(best_coding("zstd, *"), ContentCoding::kZstd);
  EXPECT_EQ(best_coding("*, gzip;q=0"), ContentCoding::kIdentity);
  EXPECT_EQ(best_coding("gzip;q=0.5, *"), ContentCoding::kIdentity);
  EXPECT_EQ(best_coding("*;q=0"), ContentCoding::kIdentity);
}

TEST(BestCoding, AWeightThatCannotBeReadCountsAsOne) {
  EXPECT_EQ(best_coding("zstd;q=0.9, gzip;q=.2"), ContentCoding::kGzip);
  EXPECT_EQ(best_coding("gzip;q=0.9, zstd;q=high"), ContentCoding::kZstd);
  EXPECT_EQ(best_coding("gzip;"), ContentCoding::kGzip);
}

TEST(AcceptsGzip, WhereItWouldBeChosenWithoutZstd) {
  EXPECT_TRUE(accepts_gzip("gzip, deflate, br, zstd"));
  EXPECT_TRUE(accepts_gzip("zstd, gzip"));
  EXPECT_TRUE(accepts_gzip("zstd, *;q=0.5"));
  EXPECT_FALSE(accepts_gzip(std::nullopt));
  EXPECT_FALSE(accepts_gzip("zstd"));
  EXPECT_FALSE(accepts_gzip("gzip;q=0"));
  EXPECT_FALSE(accepts_gzip("gzip;q=0.5, identity"));
  EXPECT_FALSE(accepts_gzip("identity, gzip"));
}

TEST(ListField, IsAllFieldsOfTheNameAsOneList) {
  const std::vector<Header> headers{{.name = "Accept", .value = "text/html;q=0.1"},
                                    {.name = "Host", .value = "a"},
                                    {.name = "ACCEPT", .value = "application/json"}};
  const Request request{.headers = headers};
  EXPECT_EQ(list_field(request, "accept"), "text/html;q=0.1,application/json");
  EXPECT_EQ(list_field(request, "Cookie"), std::nullopt);
}

}  // namespace
}  // namespace matricula::http
