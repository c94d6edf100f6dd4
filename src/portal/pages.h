#pragma once

#include <optional>
#include <span>

#include "http/message.h"
#include "portal/assets.h"

namespace matricula::portal {

// The pages for people and the files they load, from the assets of this build.
//
// A path that carries a page under another name: "/" is index.html; /login, /c and everything
// below /c/ the portal; /playground and /docs their pages; /docs/NAME is docs/NAME.html where there
// is one. Slashes at the end of a path make no difference. Files below /assets/ have their
// content's hash in their name and may be kept for a year; everything else is asked for anew.
// Answers 304 to a matching If-None-Match.
class Pages {
 public:
  explicit Pages(std::span<const Asset> assets) : assets_(assets) {}

  // The answer at the request's path; nullopt where there is no page and no file. The body borrows
  // from the assets. Safe to call from any thread.
  std::optional<http::Response> answer(const http::Request& request) const;

  // The page with status 404 for a browser at a path without a page; nullopt in a build without
  // pages.
  std::optional<http::Response> not_found() const;

 private:
  const Asset* find(std::string_view path) const;
  const Asset* page_at(std::string_view path) const;

  std::span<const Asset> assets_;
};

}  // namespace matricula::portal
