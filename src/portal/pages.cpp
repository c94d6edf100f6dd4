#include "portal/pages.h"

#include <string_view>

namespace matricula::portal {
namespace {

constexpr std::string_view kWithoutWeb =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Matricula</title>"
    "<h1>Matricula</h1><p>This build serves the API without its web pages. The GraphQL endpoints "
    "are at <code>/api/public/api/v1/{tokens,catalog,program-progress,assessment-progress,"
    "learning-plan-progress}/graphql</code>.</p></html>";

bool is_page(std::string_view path) {
  return path == "/" || path == "/playground" || path == "/docs" || path.starts_with("/docs/") ||
         path.starts_with("/c/");
}

}  // namespace

std::optional<http::Response> page(const http::Request& request) {
  if (!is_page(request.path)) {
    return std::nullopt;
  }
  if (request.method != http::Method::kGet && request.method != http::Method::kHead) {
    http::Response response = http::error_response(405, "Use GET.");
    response.headers.add("Allow", "GET, HEAD");
    return response;
  }
  http::Response response{
      .status = 200, .content_type = "text/html; charset=utf-8", .body = std::string(kWithoutWeb)};
  response.headers.add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  response.headers.add("X-Content-Type-Options", "nosniff");
  return response;
}

}  // namespace matricula::portal
