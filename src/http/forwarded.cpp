#include "http/forwarded.h"

#include <algorithm>

#include "http/field_text.h"

namespace matricula::http {
namespace {

bool is_trusted(std::span<const Network> trusted, std::string_view address) {
  return std::any_of(trusted.begin(), trusted.end(),
                     [&](const Network& network) { return contains(network, address); });
}

// `192.0.2.1:443` and `[2001:db8::1]:443` without what some proxies add; else the text itself.
std::string_view without_port(std::string_view text) {
  if (text.starts_with('[')) {
    return text.substr(1, std::min(text.find(']'), text.size()) - 1);
  }
  const std::size_t colon = text.find(':');
  return colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos
             ? text.substr(0, colon)
             : text;
}

// The last address of the list that is not a trusted proxy's; where all are, the first one.
std::string_view client_of(const Request& request, std::span<const Network> trusted) {
  std::string_view client = request.remote_address;
  // Several fields of the name are one list (RFC 9110, section 5.3).
  for (auto field = request.headers.rbegin(); field != request.headers.rend(); ++field) {
    if (!same_name(field->name, "X-Forwarded-For")) {
      continue;
    }
    std::string_view rest = field->value;
    while (!rest.empty() && is_trusted(trusted, client)) {
      const std::size_t comma = rest.rfind(',');
      const std::string_view member =
          without_blanks(comma == std::string_view::npos ? rest : rest.substr(comma + 1));
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(0, comma);
      if (member.empty()) {
        continue;  // RFC 9110, section 5.6.1.2: empty members count for nothing
      }
      const std::string_view one = without_port(member);
      if (!parse_network(one) || one.find('/') != std::string_view::npos) {
        return client;
      }
      client = one;
    }
  }
  return client;
}

// Chained proxies write a list, with what the client used first.
bool is_https(std::string_view forwarded_proto) {
  return same_name(without_blanks(forwarded_proto.substr(0, forwarded_proto.find(','))), "https");
}

}  // namespace

void apply_forwarded(Request& request, std::span<const Network> trusted) {
  if (!is_trusted(trusted, request.remote_address)) {
    return;
  }
  const auto protocol = request.header("X-Forwarded-Proto");
  request.remote_address = client_of(request, trusted);
  request.tls = request.tls || (protocol && is_https(*protocol));
}

}  // namespace matricula::http
