#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace matricula::server {

// Who answers the requests of a path.
enum class Handler : std::uint8_t { kEndpoint, kAuth, kPortal, kData, kOperator, kPages };

struct Route {
  std::string_view path;  // one that ends in '/', but for "/", is that of all below it
  Handler handler = Handler::kPages;
  bool is_logged = true;         // whether the access log may name it
  bool is_cross_origin = false;  // whether scripts of other origins may be let in
};

// The first route of the path, whether or not it ends in a slash too many. All that is not here is
// for the pages, which know their files.
Route route_of(std::string_view path);

// The paths that the access log may name, as http::ServerConfig::known_paths has them: all of them,
// or those that operators read. The others may hold what a client wrote by mistake, such as a
// secret.
std::vector<std::string> logged_paths();
std::vector<std::string> operator_paths();

}  // namespace matricula::server
