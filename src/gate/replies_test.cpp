#include "gate/replies.h"

#include <gtest/gtest.h>
#include <vector>

#include "gate/session_cookie.h"
#include "gate/status.h"

namespace matricula::gate {
namespace {

TEST(Replies, AnErrorHasTheStatusOfItsCodeAndIsNeverCached) {
  const http::Response reply = error_reply(ErrorCode::kNotFound, "There is no \"x\".");
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.content_type, "application/json; charset=utf-8");
  EXPECT_EQ(reply.body,
            R"({"errors":[{"message":"There is no \"x\".","extensions":{"code":"NOT_FOUND"}}]})");
  EXPECT_EQ(reply.headers.find("Cache-Control"), "no-store");
}

TEST(Replies, AnUnauthenticatedReplyNamesTheSchemeOfTheRoute) {
  const http::Response reply = unauthenticated_reply("Token", "token not found");
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(reply.headers.find("WWW-Authenticate"), "Token");
}

TEST(Replies, BusyAndUnavailableSayWhenToComeBack) {
  for (const http::Response& reply : {busy_reply(), store_unavailable_reply()}) {
    EXPECT_EQ(reply.status, 503);
    EXPECT_EQ(reply.headers.find("Retry-After"), "1");
  }
}

TEST(Replies, ARefusedRequestSaysHowLongToWait) {
  const ratelimit::Decision refused{.admitted = false, .limit = 5, .retry_after_seconds = 7};
  http::Response reply = rate_limited_reply(refused);
  add_rate_headers(reply, refused, true);
  EXPECT_EQ(reply.status, 429);
  EXPECT_EQ(reply.headers.find("Retry-After"), "7");
  EXPECT_EQ(reply.headers.find("X-RateLimit-Remaining"), "0");
  EXPECT_EQ(reply.headers.find("RateLimit"), "\"default\";r=0;t=7");
}

TEST(Replies, WithoutALimitThereAreNoHeadersOfOne) {
  http::Response reply = busy_reply();
  add_rate_headers(reply, {}, true);
  EXPECT_EQ(reply.headers.find("X-RateLimit-Limit"), std::nullopt);
  EXPECT_EQ(reply.headers.find("RateLimit"), std::nullopt);
}

TEST(Replies, OfTwoBudgetsTheLongerWaitIsAnswered) {
  const ratelimit::Decision short_wait{.admitted = false, .limit = 5, .retry_after_seconds = 2};
  const ratelimit::Decision long_wait{.admitted = false, .limit = 5, .retry_after_seconds = 9};
  const ratelimit::Decision admitted{.admitted = true, .limit = 5};
  EXPECT_EQ(later(short_wait, long_wait), long_wait);
  EXPECT_EQ(later(long_wait, short_wait), long_wait);
  EXPECT_EQ(later(short_wait, admitted), short_wait);
}

TEST(SessionCookie, ItIsVouchedForByTheBrowserAlone) {
  const http::Header cookie{"Cookie", "matricula_session=abc"};
  const auto vouched = [&](std::vector<http::Header> more) {
    more.push_back(cookie);
    return vouched_sessions({.headers = more});
  };
  using Values = std::vector<std::string_view>;
  EXPECT_EQ(vouched({{"Sec-Fetch-Site", "same-origin"}}), Values{"abc"});
  EXPECT_EQ(vouched({{"Sec-Fetch-Site", "none"}}), Values{"abc"});
  EXPECT_EQ(vouched({{"Sec-Fetch-Site", "none"}, {"Cookie", "matricula_session=old"}}),
            (Values{"old", "abc"}));
  EXPECT_EQ(vouched({{"Sec-Fetch-Site", "same-site"}}), Values{});
  EXPECT_EQ(vouched({{"Sec-Fetch-Site", "cross-site"}}), Values{});
  EXPECT_EQ(vouched({{"Sec-Fetch-Site", "none"}, {"Sec-Fetch-Site", "cross-site"}}), Values{});
  EXPECT_EQ(vouched({}), Values{});
}

TEST(SessionCookie, ItDoesNotCountForAPageOfAnotherOrigin) {
  const auto counts = [](std::vector<http::Header> more, bool tls = false) {
    more.push_back({"Cookie", "matricula_session=a; __Host-matricula_session=b"});
    more.push_back({"Host", "portal.example:8080"});
    return !presented_sessions({.headers = more, .tls = tls}).empty();
  };
  EXPECT_TRUE(counts({}));
  EXPECT_TRUE(counts({{"Origin", "http://portal.example:8080"}}));
  EXPECT_TRUE(counts({{"Origin", "https://portal.example:8080"}}, true));
  for (const char* other : {"https://evil.example", "null", "", "http://portal.example",
                            "http://portal.example:8081", "portal.example:8080"}) {
    EXPECT_FALSE(counts({{"Origin", other}})) << other;
    EXPECT_FALSE(counts({{"Origin", other}}, true)) << other;
  }
  EXPECT_FALSE(counts({{"Origin", "http://portal.example:8080"}}, true));
  EXPECT_FALSE(counts({{"Origin", "http://portal.example:8080"}, {"Origin", "null"}}));
  // Where the browser sends Sec-Fetch-Site, that decides.
  EXPECT_TRUE(counts({{"Sec-Fetch-Site", "same-origin"}, {"Origin", "null"}}));
  EXPECT_FALSE(counts({{"Sec-Fetch-Site", "same-site"}}));
  EXPECT_FALSE(counts({{"Sec-Fetch-Site", "none"}, {"Sec-Fetch-Site", "cross-site"}}));
}

TEST(SessionCookie, EachOfSeveralIsPresentedWithTheCsrfToken) {
  const http::Header headers[] = {
      {"Cookie", "matricula_session=old; __Host-matricula_session=other"},
      {"X-CSRF-Token", "token"},
      {"Cookie", "matricula_session=abc"}};
  const auto presented = presented_sessions({.headers = headers});
  ASSERT_EQ(presented.size(), 2u);
  EXPECT_EQ(presented[0].session_cookie, "old");
  EXPECT_EQ(presented[1].session_cookie, "abc");
  EXPECT_EQ(presented[1].csrf_token, "token");
  const auto secure = presented_sessions({.headers = headers, .tls = true});
  ASSERT_EQ(secure.size(), 1u);
  EXPECT_EQ(secure[0].session_cookie, "other");
  EXPECT_TRUE(presented_sessions({}).empty());
}

TEST(SessionCookie, UnderTlsItIsBoundToTheHost) {
  http::Response plain;
  set_session_cookie(plain, {.tls = false}, "abc", 60);
  EXPECT_EQ(plain.headers.find("Set-Cookie"),
            "matricula_session=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Strict");
  http::Response secure;
  set_session_cookie(secure, {.tls = true}, "", 0);
  EXPECT_EQ(secure.headers.find("Set-Cookie"),
            "__Host-matricula_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure");
}

}  // namespace
}  // namespace matricula::gate
