#include "portal/pages.h"

#include <array>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace matricula::portal {
namespace {

constexpr std::array<Asset, 6> kAssets{{
    {"/404.html", "text/html; charset=utf-8", "ffff", "missing", {}},
    {"/assets/app-1a2b.js", "text/javascript; charset=utf-8", "aaaa", "plain script", "gz script"},
    {"/docs/paging.html", "text/html; charset=utf-8", "bbbb", "paging", {}},
    {"/index.html", "text/html; charset=utf-8", "cccc", "overview", {}},
    {"/playground.html", "text/html; charset=utf-8", "dddd", "playground", {}},
    {"/portal.html", "text/html; charset=utf-8", "eeee", "portal", {}},
}};

struct Asked {
  std::string_view path;
  std::vector<http::Header> headers = {};
  http::Method method = http::Method::kGet;
};

std::optional<http::Response> answer(const Asked& asked, std::span<const Asset> assets = kAssets) {
  const http::Request request{.method = asked.method, .path = asked.path, .headers = asked.headers};
  return Pages(assets).answer(request);
}

std::string_view body(std::string_view path) {
  const auto response = answer({path});
  return response ? response->static_body : "nothing";
}

TEST(Pages, EachAddressHasItsPage) {
  EXPECT_EQ(body("/"), "overview");
  EXPECT_EQ(body("/login"), "portal");
  EXPECT_EQ(body("/c/acme/settings/api-tokens"), "portal");
  EXPECT_EQ(body("/playground"), "playground");
  EXPECT_EQ(body("/docs/paging"), "paging");
  EXPECT_EQ(body("/docs/paging/"), "paging");
  EXPECT_EQ(body("/login/"), "portal");
  EXPECT_EQ(body("/c/"), "portal");
  EXPECT_EQ(body("/playground/"), "playground");
  EXPECT_EQ(body("/docs/absent"), "nothing");
  EXPECT_EQ(body("/assets/absent.js"), "nothing");
  EXPECT_EQ(body("/cards"), "nothing");
  EXPECT_EQ(body("/404"), "nothing");
  EXPECT_EQ(body("/404.html"), "nothing");
}

TEST(Pages, WhereNothingLivesABrowserGetsAPage) {
  const auto page = Pages(kAssets).not_found();
  ASSERT_TRUE(page);
  EXPECT_EQ(page->status, 404);
  EXPECT_EQ(page->static_body, "missing");
  EXPECT_EQ(page->headers.find("Cache-Control"), "no-store");
  EXPECT_FALSE(Pages({}).not_found());
}

TEST(Pages, HashedFilesAreKeptForAYearAndPagesAskedForAnew) {
  EXPECT_EQ(answer({"/assets/app-1a2b.js"})->headers.find("Cache-Control"),
            "public, max-age=31536000, immutable");
  EXPECT_EQ(answer({"/"})->headers.find("Cache-Control"), "no-cache");
}

TEST(Pages, GzipIsSentToThoseWhoTakeIt) {
  const auto gzip = answer({"/assets/app-1a2b.js", {{"Accept-Encoding", "gzip, zstd"}}});
  EXPECT_EQ(gzip->static_body, "gz script");
  EXPECT_EQ(gzip->headers.find("Content-Encoding"), "gzip");
  EXPECT_EQ(gzip->headers.find("ETag"), "\"aaaa-gzip\"");
  EXPECT_FALSE(gzip->compress);
  for (const auto& headers : {std::vector<http::Header>{},
                              std::vector<http::Header>{{"Accept-Encoding", "gzip;q=0, br"}}}) {
    const auto plain = answer({"/assets/app-1a2b.js", headers});
    EXPECT_EQ(plain->static_body, "plain script");
    EXPECT_EQ(plain->headers.find("Content-Encoding"), std::nullopt);
    EXPECT_EQ(plain->headers.find("ETag"), "\"aaaa\"");
    EXPECT_EQ(plain->headers.find("Vary"), "Accept-Encoding");
  }
}

TEST(Pages, AKnownTagIsAnsweredWithoutABody) {
  for (const char* known : {"\"cccc\"", "\"x\", W/\"cccc\"", "*"}) {
    const auto response = answer({"/", {{"If-None-Match", known}}});
    EXPECT_EQ(response->status, 304) << known;
    EXPECT_TRUE(response->static_body.empty());
    EXPECT_EQ(response->headers.find("ETag"), "\"cccc\"");
  }
  EXPECT_EQ(answer({"/", {{"If-None-Match", "\"dddd\""}}})->status, 200);
}

TEST(Pages, OnlyReadingIsAllowed) {
  const auto response = answer({.path = "/", .method = http::Method::kPost});
  EXPECT_EQ(response->status, 405);
  EXPECT_EQ(response->headers.find("Allow"), "GET, HEAD");
}

TEST(Pages, NoPageAllowsForeignOrInlineScript) {
  for (const Asset& asset : kAssets) {
    const auto response =
        asset.path == "/404.html" ? Pages(kAssets).not_found() : answer({asset.path});
    const std::string policy(response->headers.find("Content-Security-Policy").value());
    EXPECT_THAT(policy, testing::HasSubstr("default-src 'none'; script-src 'self';"));
    EXPECT_THAT(policy, testing::HasSubstr("frame-ancestors 'none'"));
    EXPECT_EQ(response->headers.find("X-Content-Type-Options"), "nosniff");
  }
  EXPECT_THAT(std::string(*answer({"/login"})->headers.find("Content-Security-Policy")),
              testing::Not(testing::HasSubstr("unsafe")));
}

TEST(Pages, ABuildWithoutThemSaysSo) {
  for (const char* path : {"/", "/docs", "/docs/paging", "/playground", "/login", "/c/acme"}) {
    const auto response = answer({path}, {});
    EXPECT_EQ(response->status, 200);
    EXPECT_THAT(response->body, testing::HasSubstr("without its web pages"));
  }
  EXPECT_EQ(answer({"/elsewhere"}, {}), std::nullopt);
}

}  // namespace
}  // namespace matricula::portal
