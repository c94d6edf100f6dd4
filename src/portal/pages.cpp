#include "portal/pages.h"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>

#include "http/negotiate.h"

namespace matricula::portal {
namespace {

// Scripts, styles and connections of our own only, nothing inline, no frame around us.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'";

// The editor of GraphiQL writes style elements at run time and starts its workers from files of
// ours; scripts stay as strict as elsewhere.
constexpr std::string_view kPlaygroundPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; worker-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

// The page at paths without a page; it has no path of its own.
constexpr std::string_view kMissing = "/404.html";

constexpr std::string_view kWithoutWeb =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Matricula</title>"
    "<h1>Matricula</h1><p>This build serves the API without its web pages "
    "(MATRICULA_WEB=OFF). The GraphQL endpoints are at <code>/api/public/api/v1/"
    "{tokens,catalog,program-progress,assessment-progress,learning-plan-progress}/graphql"
    "</code>.</p></html>";

// What is left of "/" is empty.
std::string_view without_slashes(std::string_view path) {
  while (path.ends_with('/')) {
    path.remove_suffix(1);
  }
  return path;
}

bool is_portal(std::string_view path) {
  return path == "/login" || path == "/c" || path.starts_with("/c/");
}

// The paths that have a page in every complete build.
bool is_page(std::string_view path) {
  return path.empty() || path == "/playground" || path == "/docs" || path.starts_with("/docs/") ||
         is_portal(path);
}

// Whether an If-None-Match field (RFC 9110 section 13.1.2) names the tag; W/ makes no difference.
bool names_tag(std::string_view field, std::string_view tag) {
  return field == "*" || field.find(tag) != std::string_view::npos;
}

void add_security_headers(http::Response& response, std::string_view policy) {
  response.headers.add("Content-Security-Policy", policy);
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Referrer-Policy", "no-referrer");
  response.headers.add("Cross-Origin-Opener-Policy", "same-origin");
}

http::Response without_web() {
  http::Response response{
      .status = 200, .content_type = "text/html; charset=utf-8", .body = std::string(kWithoutWeb)};
  add_security_headers(response, "default-src 'none'; frame-ancestors 'none'");
  return response;
}

http::Response reply_with(const Asset& asset, const http::Request& request) {
  const auto wished = http::list_field(request, "Accept-Encoding");
  const bool gzip = !asset.gzip.empty() && http::accepts_gzip(wished);
  // The two codings are different bytes, so each has a tag of its own.
  const std::string tag = fmt::format("\"{}{}\"", asset.tag, gzip ? "-gzip" : "");
  http::Response response;
  response.compress = false;
  response.headers.add("ETag", tag);
  response.headers.add("Cache-Control", asset.path.starts_with("/assets/")
                                            ? "public, max-age=31536000, immutable"
                                            : "no-cache");
  if (!asset.gzip.empty()) {
    response.headers.add("Vary", "Accept-Encoding");
  }
  add_security_headers(response,
                       asset.path.starts_with("/playground") ? kPlaygroundPolicy : kPolicy);
  if (const auto known = http::list_field(request, "If-None-Match");
      known && names_tag(*known, tag)) {
    response.status = 304;
    return response;
  }
  response.content_type = asset.content_type;
  response.static_body = gzip ? asset.gzip : asset.identity;
  if (gzip) {
    response.headers.add("Content-Encoding", "gzip");
  }
  return response;
}

}  // namespace

const Asset* Pages::find(std::string_view path) const {
  const auto found = std::ranges::lower_bound(assets_, path, {}, &Asset::path);
  return found != assets_.end() && found->path == path ? &*found : nullptr;
}

const Asset* Pages::page_at(std::string_view path) const {
  if (is_portal(path)) {
    return find("/portal.html");
  }
  const std::string base(path);
  for (const std::string& name : {base, base + ".html", base + "/index.html"}) {
    if (const Asset* asset = find(name); asset != nullptr && name != kMissing) {
      return asset;
    }
  }
  return nullptr;
}

std::optional<http::Response> Pages::answer(const http::Request& request) const {
  const std::string_view path = without_slashes(request.path);
  const Asset* asset = page_at(path);
  if (asset == nullptr && (!assets_.empty() || !is_page(path))) {
    return std::nullopt;
  }
  if (request.method != http::Method::kGet && request.method != http::Method::kHead) {
    return http::method_not_allowed("GET, HEAD", "Use GET.");
  }
  return asset == nullptr ? without_web() : reply_with(*asset, request);
}

std::optional<http::Response> Pages::not_found() const {
  const Asset* const asset = find(kMissing);
  if (asset == nullptr) {
    return std::nullopt;
  }
  http::Response response{.status = 404};
  add_security_headers(response, kPolicy);
  response.headers.add("Cache-Control", "no-store");
  response.content_type = asset->content_type;
  response.static_body = asset->identity;
  return response;
}

}  // namespace matricula::portal
