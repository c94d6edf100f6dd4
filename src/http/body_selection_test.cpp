#include "http/body_selection.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <initializer_list>
#include <vector>

namespace matricula::http {
namespace {

constexpr std::string_view kTag = R"("v1")";
constexpr Timestamp kModified = 784'111'777'500'000;  // Sun, 06 Nov 1994 08:49:37.5 GMT
constexpr std::string_view kModifiedText = "Sun, 06 Nov 1994 08:49:37 GMT";

// "STATUS OFFSET+LENGTH", and Content-Range where there is one.
std::string select(std::initializer_list<Header> fields, Method method = Method::kGet,
                   std::uint64_t length = 1'000) {
  const std::vector<Header> headers(fields);
  const Request request{.method = method, .headers = headers};
  const BodySelection selection =
      select_body(request, {.length = length, .etag = kTag, .last_modified = kModified});
  std::string text = std::to_string(selection.status) + " " + std::to_string(selection.offset) +
                     "+" + std::to_string(selection.length);
  if (const auto range = selection.headers.find("Content-Range")) {
    text += " " + std::string(*range);
  }
  EXPECT_EQ(selection.headers.find("ETag"), kTag);
  EXPECT_EQ(selection.headers.find("Last-Modified"), kModifiedText);
  return text;
}

// RFC 9110, sections 8.8.2.1 and 13.1.3.
TEST(BodySelection, TimesThatLieAheadCountAsUnknown) {
  const auto status_at = [](Timestamp now, Timestamp modified) {
    const std::vector<Header> headers{{"If-Modified-Since", kModifiedText}};
    const BodySelection selection =
        select_body({.headers = headers}, {.etag = kTag, .last_modified = modified, .now = now});
    return std::to_string(selection.status) + " " +
           std::string(selection.headers.find("Last-Modified").value_or("unknown"));
  };
  constexpr Timestamp kSecond = 1'000'000;
  EXPECT_EQ(status_at(kModified + kSecond, kModified), "304 Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(status_at(kModified, kModified + kSecond), "200 unknown");
  EXPECT_EQ(status_at(kModified - kSecond, kModified), "200 unknown");
  EXPECT_EQ(status_at(kModified - kSecond, kModified - 2 * kSecond),
            "200 Sun, 06 Nov 1994 08:49:35 GMT");
}

TEST(BodySelection, OneRangeIsSent) {
  EXPECT_EQ(select({}), "200 0+1000");
  EXPECT_EQ(select({{"Range", "bytes=0-0"}}), "206 0+1 bytes 0-0/1000");
  EXPECT_EQ(select({{"range", "BYTES=10-19"}}), "206 10+10 bytes 10-19/1000");
  EXPECT_EQ(select({{"Range", "bytes=990-"}}), "206 990+10 bytes 990-999/1000");
  EXPECT_EQ(select({{"Range", "bytes=990-5000"}}), "206 990+10 bytes 990-999/1000");
  EXPECT_EQ(select({{"Range", "bytes=0-99999999999999999999"}}), "206 0+1000 bytes 0-999/1000");
  EXPECT_EQ(select({{"Range", "bytes=-1"}}), "206 999+1 bytes 999-999/1000");
  EXPECT_EQ(select({{"Range", "bytes=-5000"}}), "206 0+1000 bytes 0-999/1000");
}

TEST(BodySelection, ARangeBeyondTheEndIs416) {
  EXPECT_EQ(select({{"Range", "bytes=999-"}}), "206 999+1 bytes 999-999/1000");
  EXPECT_EQ(select({{"Range", "bytes=1000-"}}), "416 0+0 bytes */1000");
  EXPECT_EQ(select({{"Range", "bytes=99999999999999999999-"}}), "416 0+0 bytes */1000");
  EXPECT_EQ(select({{"Range", "bytes=-0"}}), "416 0+0 bytes */1000");
  EXPECT_EQ(select({{"Range", "bytes=0-"}}, Method::kGet, 0), "416 0+0 bytes */0");
  EXPECT_EQ(select({{"Range", "bytes=-5"}}, Method::kGet, 0), "200 0+0");
}

TEST(BodySelection, WhatCannotBeReadAsOneRangeGivesTheWhole) {
  for (const std::string_view value :
       {"bytes=0-1,5-6", "bytes=5-4", "bytes=", "bytes=-", "bytes=a-", "bytes=0-x", "bytes=1",
        "bytes=+1-2", "rows=0-1", "0-1", ""}) {
    EXPECT_EQ(select({{"Range", value}}), "200 0+1000") << value;
  }
  EXPECT_EQ(select({{"Range", "bytes=0-1"}, {"Range", "bytes=2-3"}}), "200 0+1000");
  EXPECT_EQ(select({{"Range", "bytes=0-1"}}, Method::kHead), "200 0+1000");
}

TEST(BodySelection, IfRangeNeedsTheSameBody) {
  const Header range{"Range", "bytes=0-1"};
  EXPECT_EQ(select({range, {"If-Range", kTag}}), "206 0+2 bytes 0-1/1000");
  EXPECT_EQ(select({range, {"If-Range", R"(W/"v1")"}}), "200 0+1000");
  EXPECT_EQ(select({range, {"If-Range", R"("v2")"}}), "200 0+1000");
  EXPECT_EQ(select({range, {"If-Range", kModifiedText}}), "206 0+2 bytes 0-1/1000");
  EXPECT_EQ(select({range, {"If-Range", "Sun, 06 Nov 1994 08:49:38 GMT"}}), "200 0+1000");
  EXPECT_EQ(select({range, {"If-Range", "yesterday"}}), "200 0+1000");
}

TEST(BodySelection, WhatTheClientHasIsNotSentAgain) {
  EXPECT_EQ(select({{"If-None-Match", kTag}}), "304 0+0");
  EXPECT_EQ(select({{"If-None-Match", R"(W/"v1")"}}), "304 0+0");
  EXPECT_EQ(select({{"If-None-Match", R"("a,b", "v1")"}}), "304 0+0");
  EXPECT_EQ(select({{"If-None-Match", R"("v0")"}, {"If-None-Match", kTag}}), "304 0+0");
  EXPECT_EQ(select({{"If-None-Match", "*"}}), "304 0+0");
  EXPECT_EQ(select({{"If-None-Match", R"("v2")"}}), "200 0+1000");
  EXPECT_EQ(select({{"If-None-Match", "v1"}}), "200 0+1000");
  EXPECT_EQ(select({{"If-None-Match", kTag}}, Method::kPost), "412 0+0");
  EXPECT_EQ(select({{"If-Modified-Since", kModifiedText}}), "304 0+0");
  EXPECT_EQ(select({{"If-Modified-Since", "Sunday, 06-Nov-94 08:49:37 GMT"}}), "304 0+0");
  EXPECT_EQ(select({{"If-Modified-Since", "Sun Nov  6 08:49:37 1994"}}), "304 0+0");
  EXPECT_EQ(select({{"If-Modified-Since", "Sun, 06 Nov 1994 08:49:36 GMT"}}), "200 0+1000");
  EXPECT_EQ(select({{"If-Modified-Since", "recently"}}), "200 0+1000");
}

// "STATUS TAG" of a body that the server compresses.
std::string select_encoded(std::initializer_list<Header> fields, std::string_view codings) {
  std::vector<Header> headers(fields);
  if (!codings.empty()) {
    headers.push_back({"Accept-Encoding", codings});
  }
  const BodySelection selection =
      select_body({.headers = headers},
                  {.length = 1'000, .etag = kTag, .encodes = true, .last_modified = kModified});
  return fmt::format("{} {}", selection.status, selection.headers.find("ETag").value_or("none"));
}

// RFC 9110, sections 8.8.3.3 and 15.4.5.
TEST(BodySelection, A304HasTheTagThatTheClientNamesOfABodyThatItsRequestMayGet) {
  const auto none_match = [](std::string_view tags, std::string_view codings) {
    return select_encoded({{"If-None-Match", tags}}, codings);
  };
  EXPECT_EQ(none_match(R"("v1-gzip")", "gzip"), R"(304 "v1-gzip")");
  EXPECT_EQ(none_match(R"(W/"v1-gzip")", "gzip"), R"(304 "v1-gzip")");
  EXPECT_EQ(none_match(R"("v1-zstd")", "zstd, gzip"), R"(304 "v1-zstd")");
  EXPECT_EQ(none_match(R"("v1")", "gzip"), R"(304 "v1")") << "it was too short";
  EXPECT_EQ(none_match(R"("v1", "v1-gzip")", "gzip"), R"(304 "v1-gzip")");
  EXPECT_EQ(none_match(R"("v1", "v1-gzip")", ""), R"(304 "v1")");
  EXPECT_EQ(none_match("*", "gzip"), R"(304 "v1-gzip")");
  EXPECT_EQ(select_encoded({{"If-Modified-Since", kModifiedText}}, "gzip"), R"(304 "v1-gzip")");
  // Another coding is another body, which a cache must not take for this one.
  EXPECT_EQ(none_match(R"("v1-gzip")", ""), R"(200 "v1")");
  EXPECT_EQ(none_match(R"("v1-gzip")", "identity"), R"(200 "v1")");
  EXPECT_EQ(none_match(R"("v1-gzip")", "zstd"), R"(200 "v1")");
  EXPECT_EQ(none_match(R"("v2-gzip")", "gzip"), R"(200 "v1")");
  EXPECT_EQ(select({{"If-None-Match", R"("v1-gzip")"}, {"Accept-Encoding", "gzip"}}), "200 0+1000")
      << "this one is never compressed";
}

TEST(BodySelection, ATagOfAnEncodedBodyHasNoRanges) {
  const Header range{"Range", "bytes=0-1"};
  EXPECT_EQ(select_encoded({range, {"If-Range", R"("v1-gzip")"}}, "gzip"), R"(200 "v1")");
  EXPECT_EQ(select_encoded({range, {"If-Match", R"("v1-gzip")"}}, "gzip"), R"(200 "v1")");
  EXPECT_EQ(select_encoded({range, {"If-Match", R"("v1-gzip")"}}, ""), R"(412 "v1")");
  EXPECT_EQ(select_encoded({range, {"If-Match", R"("v1")"}}, "gzip"), R"(206 "v1")");
  EXPECT_EQ(select_encoded({range, {"If-Match", "*"}}, "gzip"), R"(206 "v1")");
}

// Two bodies of one second must not have one date.
TEST(BodySelection, ABodyOfThisSecondHasTheDateOfTheOneBefore) {
  const auto ask = [](std::vector<Header> headers, Timestamp now) {
    const BodySelection selection =
        select_body({.headers = std::move(headers)},
                    {.length = 10, .etag = kTag, .last_modified = kModified, .now = now});
    return fmt::format("{} {}", selection.status,
                       selection.headers.find("Last-Modified").value_or("none"));
  };
  const std::string_view before = "Sun, 06 Nov 1994 08:49:36 GMT";
  EXPECT_EQ(ask({}, kModified), "200 Sun, 06 Nov 1994 08:49:36 GMT");
  EXPECT_EQ(ask({{"If-Modified-Since", before}}, kModified), "304 Sun, 06 Nov 1994 08:49:36 GMT");
  EXPECT_EQ(ask({{"If-Modified-Since", before}}, kModified + kMicrosPerSecond),
            "200 Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(ask({{"Range", "bytes=0-1"}, {"If-Range", before}}, kModified),
            "200 Sun, 06 Nov 1994 08:49:36 GMT");
}

TEST(BodySelection, EntityTagsComeBeforeDatesAndConditionsBeforeRanges) {
  EXPECT_EQ(select({{"If-None-Match", R"("v2")"}, {"If-Modified-Since", kModifiedText}}),
            "200 0+1000");
  EXPECT_EQ(select({{"If-None-Match", kTag}, {"Range", "bytes=0-1"}}), "304 0+0");
  EXPECT_EQ(select({{"If-Match", kTag}, {"Range", "bytes=0-1"}}), "206 0+2 bytes 0-1/1000");
  EXPECT_EQ(select({{"If-Match", R"("v2")"}}), "412 0+0");
  EXPECT_EQ(select({{"If-Match", R"(W/"v1")"}}), "412 0+0");
  EXPECT_EQ(select({{"If-Unmodified-Since", kModifiedText}}), "200 0+1000");
  EXPECT_EQ(select({{"If-Unmodified-Since", "Sun, 06 Nov 1994 08:49:36 GMT"}}), "412 0+0");
}

TEST(HttpDate, IsReadInItsThreeForms) {
  constexpr Timestamp kWhole = kModified - 500'000;
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), kWhole);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), kWhole);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994"), kWhole);
  EXPECT_EQ(parse_http_date("1994-11-06T08:49:37Z"), std::nullopt);
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT, again"), std::nullopt);
}

}  // namespace
}  // namespace matricula::http
