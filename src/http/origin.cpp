#include "http/origin.h"

#include <string>

#include "base/text.h"

namespace matricula::http {

std::string_view without_usual_port(std::string_view origin) {
  const std::string_view port = origin.starts_with("https://") ? ":443" : ":80";
  return origin.ends_with(port) ? origin.substr(0, origin.size() - port.size()) : origin;
}

bool is_own_origin(const Request& request, std::string_view origin) {
  const std::string_view host = request.header("Host").value_or("");
  const bool is_https = origin.starts_with("https://");
  if (host.empty() || (!is_https && (request.tls || !origin.starts_with("http://")))) {
    return false;
  }
  const std::string own = to_lower((is_https ? "https://" : "http://") + std::string(host));
  return without_usual_port(origin) == without_usual_port(own);
}

}  // namespace matricula::http
