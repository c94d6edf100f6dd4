#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace matricula::server {

// Lets scripts of named web origins read what the API answers (Fetch, "CORS protocol"). Cookies
// stay out of it: an application of another origin identifies itself by a token. Immutable; usable
// from any thread.
class CrossOrigin {
 public:
  // Origins as browsers write them: scheme, host and a port that is not the scheme's own. kUsage,
  // naming the text, for anything else; `*` and `null` are no origins.
  static Result<CrossOrigin> read(const std::vector<std::string>& origins);

  // The answer to a preflight request of an origin that is allowed; nullopt for other requests.
  std::optional<http::Response> preflight(const http::Request& request) const;

  // Adds what every answer of the API needs to be read by an origin that is allowed.
  void add_fields(const http::Request& request, http::HeaderLines& fields) const;

 private:
  bool allows(const http::Request& request) const;

  std::vector<std::string> origins_;
};

}  // namespace matricula::server
