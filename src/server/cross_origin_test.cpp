#include "server/cross_origin.h"

#include <gtest/gtest.h>

namespace matricula::server {
namespace {

constexpr std::string_view kPath = "/api/public/api/v1/catalog/graphql";

CrossOrigin allowed() {
  return *CrossOrigin::read({"https://reports.example.com", "HTTP://localhost:3000"});
}

std::string fields_for(std::vector<http::Header> headers, std::string_view path = kPath) {
  const http::Request request{.path = path, .headers = headers};
  http::HeaderLines fields;
  allowed().add_fields(request, fields);
  return std::string(fields.text());
}

std::string preflight(http::Method method, std::vector<http::Header> headers) {
  const http::Request request{.method = method, .path = kPath, .headers = headers};
  const auto response = allowed().preflight(request);
  return response ? std::to_string(response->status) + "\n" + std::string(response->headers.text())
                  : "none";
}

TEST(CrossOrigin, ANamedOriginMayReadAnswersOfTheApi) {
  const std::string exposed =
      "Access-Control-Expose-Headers: X-Request-Id, X-RateLimit-Limit, X-RateLimit-Remaining, "
      "RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Hint, ETag, Last-Modified, "
      "Link, Content-Disposition, Content-Range, Accept-Ranges, Matricula-Sequence, "
      "Matricula-Epoch, Matricula-Next-Sequence, Matricula-Has-More\r\n";
  EXPECT_EQ(
      fields_for({{"Origin", "https://reports.example.com"}}),
      "Vary: Origin\r\nAccess-Control-Allow-Origin: https://reports.example.com\r\n" + exposed);
  EXPECT_EQ(fields_for({{"Origin", "http://localhost:3000"}}, "/auth/login"),
            "Vary: Origin\r\nAccess-Control-Allow-Origin: http://localhost:3000\r\n" + exposed);
}

TEST(CrossOrigin, OtherOriginsAndPagesGetNothing) {
  for (const std::string_view origin :
       {"http://reports.example.com", "https://reports.example.com:8443", "null", "",
        "https://reports.example.com.evil.example", "https://evil.example"}) {
    EXPECT_EQ(fields_for({{"Origin", origin}}), "Vary: Origin\r\n") << origin;
  }
  EXPECT_EQ(fields_for({}), "Vary: Origin\r\n");
  EXPECT_EQ(fields_for({{"Origin", "https://reports.example.com"}}, "/portal/api/session"), "");
  EXPECT_EQ(fields_for({{"Origin", "https://reports.example.com"}}, "/metrics"), "");
}

TEST(CrossOrigin, TheUsualPortIsLeftOutAsBrowsersDo) {
  const CrossOrigin allowed = *CrossOrigin::read({"https://a.example:443", " http://a.example:80"});
  const auto allows = [&](std::string_view origin) {
    const std::vector<http::Header> headers{{"Origin", origin}};
    const http::Request request{.path = kPath, .headers = headers};
    http::HeaderLines fields;
    allowed.add_fields(request, fields);
    return fields.text().find("Access-Control-Allow-Origin") != std::string_view::npos;
  };
  EXPECT_TRUE(allows("https://a.example"));
  EXPECT_TRUE(allows("http://a.example"));
  EXPECT_FALSE(allows("https://a.example:80"));
  EXPECT_FALSE(allows("http://a.example:443"));
}

TEST(CrossOrigin, AnOriginMayNameAPortAndAnAddress) {
  for (const std::string text : {"https://a:65535", "http://a-b.example:1", "https://[::1]",
                                 "https://[2001:db8::1]:8443", "http://192.0.2.1:8080"}) {
    EXPECT_TRUE(CrossOrigin::read({text})) << text;
  }
}

TEST(CrossOrigin, WithoutOriginsNothingChanges) {
  const std::vector<http::Header> headers{{"Origin", "https://reports.example.com"}};
  const http::Request request{.path = kPath, .headers = headers};
  http::HeaderLines fields;
  const CrossOrigin none = *CrossOrigin::read({});
  none.add_fields(request, fields);
  EXPECT_EQ(fields.text(), "");
}

TEST(CrossOrigin, APreflightRequestIsAnswered) {
  const http::Header origin{"Origin", "https://reports.example.com"};
  const http::Header method{"Access-Control-Request-Method", "POST"};
  EXPECT_EQ(preflight(http::Method::kOptions,
                      {origin, method, {"Access-Control-Request-Headers", "authorization,x-a"}}),
            "204\nAccess-Control-Allow-Methods: GET, POST\r\n"
            "Access-Control-Allow-Headers: authorization,x-a\r\n"
            "Access-Control-Max-Age: 7200\r\n");
  EXPECT_EQ(preflight(http::Method::kOptions, {origin, method}),
            "204\nAccess-Control-Allow-Methods: GET, POST\r\n"
            "Access-Control-Allow-Headers: Authorization, Content-Type, X-Company-Id\r\n"
            "Access-Control-Max-Age: 7200\r\n");
  EXPECT_EQ(preflight(http::Method::kPost, {origin, method}), "none");
  EXPECT_EQ(preflight(http::Method::kOptions, {origin}), "none");
  EXPECT_EQ(preflight(http::Method::kOptions, {{"Origin", "https://evil.example"}, method}),
            "none");
}

TEST(CrossOrigin, TextThatIsNoOriginIsRefused) {
  for (const std::string text : {"*",
                                 "null",
                                 "",
                                 "reports.example.com",
                                 "https://",
                                 "ftp://a",
                                 "https://a/",
                                 "https://a/path",
                                 "https://a?b",
                                 "https://a b",
                                 "https://user@a",
                                 "https://*.example.com",
                                 "https://a:b",
                                 "https://a:",
                                 "https://a:65536",
                                 "https://a:99999",
                                 "https://a:1:2",
                                 "https://:1",
                                 "https://[::1",
                                 "https://[::1]b",
                                 "https://::1",
                                 "https://[a]",
                                 "https://[]",
                                 "https://[::1]:x"}) {
    const auto read = CrossOrigin::read({text});
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().message, "--cors-origin " + text +
                                        ": not a web origin; write one such as "
                                        "https://reports.example.com, without a path");
  }
}

}  // namespace
}  // namespace matricula::server
