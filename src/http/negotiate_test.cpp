#include "http/negotiate.h"

#include <gtest/gtest.h>

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
       {"", "json", "application/", "/json", "application/json, text/html", "a/b; charset",
        "a/b; charset=", "a/b; charset=\"x", "a/b; charset=a; charset=b", "a b/c", "a/b; c d=e"}) {
    EXPECT_EQ(parse_media_type(bad), std::nullopt) << bad;
  }
}

TEST(BestOffer, WithoutAWishTheFirstOfferIsTaken) {
  EXPECT_EQ(chosen(std::nullopt), kJson);
  EXPECT_EQ(chosen(""), kJson);
  EXPECT_EQ(chosen("*/*"), kJson);
  EXPECT_EQ(chosen("application/*"), kJson);
}

TEST(BestOffer, TheHighestQualityWinsAndATieGoesToTheEarlierOffer) {
  EXPECT_EQ(chosen("application/graphql-response+json"), kNewJson);
  EXPECT_EQ(chosen("application/graphql-response+json, application/json;q=0.9"), kNewJson);
  EXPECT_EQ(chosen("application/graphql-response+json, application/json"), kJson);
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
  EXPECT_EQ(chosen("application/json;charset=utf-16"), "none");
  EXPECT_EQ(chosen("*/*;q=0"), "none");
}

TEST(BestOffer, MalformedMembersArePassedOver) {
  EXPECT_EQ(chosen("application/json;q=2, text/html"), kHtml);
  EXPECT_EQ(chosen("application/json;q=0.1234, text/html;q=0.001"), kHtml);
  EXPECT_EQ(chosen(",,;, text/html"), kHtml);
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

TEST(BestCoding, FollowsQualityAndPrefersZstd) {
  EXPECT_EQ(best_coding(std::nullopt), ContentCoding::kIdentity);
  EXPECT_EQ(best_coding(""), ContentCoding::kIdentity);
  EXPECT_EQ(best_coding("gzip"), ContentCoding::kGzip);
  EXPECT_EQ(best_coding("gzip, deflate, br, zstd"), ContentCoding::kZstd);
  EXPECT_EQ(best_coding("gzip;q=1.0, zstd;q=0.9"), ContentCoding::kGzip);
  EXPECT_EQ(best_coding("br"), ContentCoding::kIdentity);
  EXPECT_EQ(best_coding("gzip;q=0"), ContentCoding::kIdentity);
  EXPECT_EQ(best_coding("gzip;q=0.5, identity"), ContentCoding::kIdentity);
  EXPECT_EQ(best_coding("*"), ContentCoding::kZstd);
  EXPECT_EQ(best_coding("*, zstd;q=0"), ContentCoding::kGzip);
  EXPECT_EQ(best_coding("GZIP"), ContentCoding::kGzip);
}

TEST(AcceptsGzip, WhereItIsWantedNoLessThanIdentity) {
  EXPECT_TRUE(accepts_gzip("gzip, deflate, br, zstd"));
  EXPECT_TRUE(accepts_gzip("zstd, *;q=0.5"));
  EXPECT_FALSE(accepts_gzip(std::nullopt));
  EXPECT_FALSE(accepts_gzip("zstd"));
  EXPECT_FALSE(accepts_gzip("gzip;q=0"));
  EXPECT_FALSE(accepts_gzip("gzip;q=0.5, identity"));
}

}  // namespace
}  // namespace matricula::http
