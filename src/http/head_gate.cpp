#include "http/head_gate.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <utility>

#include "http/field_text.h"
#include "http/message.h"

namespace matricula::http {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

tl::unexpected<Refusal> refuse(std::string message, int status = 400) {
  return tl::unexpected(Refusal{.status = status, .message = std::move(message)});
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// What uri-host and port may be made of (RFC 3986 section 3.2.2), and no user information.
bool is_host(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("-._~:[]%!$&'()*+;=").find(c) != std::string_view::npos;
  });
}

enum class Version { k10, k11 };

// Only the version and the raw bytes of the target; the parser behind reads the rest of the line.
tl::expected<Version, Refusal> check_request_line(std::string_view line) {
  const std::string_view version = line.substr(std::min(line.size(), line.rfind(' ') + 1));
  const bool well_formed = version.size() == 8 && version.substr(0, 5) == "HTTP/" &&
                           is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
  if (!well_formed || std::count(line.begin(), line.end(), ' ') != 2) {
    return refuse("The request line is malformed.");
  }
  const bool plain = std::all_of(line.begin(), line.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7f;
  });
  if (!plain) {
    return refuse("The request target holds bytes that must be percent-encoded.");
  }
  if (version == "HTTP/1.1") {
    return Version::k11;
  }
  if (version == "HTTP/1.0") {
    return Version::k10;
  }
  return refuse("This server speaks HTTP/1.1.", 505);
}

struct Seen {
  int hosts = 0;
  int lengths = 0;
  int transfer_encodings = 0;
  Framing framing = {};
};

tl::expected<std::uint64_t, Refusal> content_length(std::string_view value) {
  if (value.empty() || !std::all_of(value.begin(), value.end(), is_digit)) {
    return refuse("Content-Length must be digits.");
  }
  std::uint64_t length = 0;
  for (const char c : value) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (length > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) {
      return refuse("The request body is too large.", 413);
    }
    length = length * 10 + digit;
  }
  return length;
}

tl::expected<void, Refusal> check_field(std::string_view name, std::string_view value, Seen& seen) {
  if (same_name(name, "Host")) {
    if (++seen.hosts > 1 || !is_host(value)) {
      return refuse("There must be exactly one valid Host.");
    }
  } else if (same_name(name, "Content-Length")) {
    if (++seen.lengths > 1) {
      return refuse("There must be only one Content-Length.");
    }
    const auto length = content_length(value);
    if (!length) {
      return tl::unexpected(length.error());
    }
    seen.framing.content_length = *length;
  } else if (same_name(name, "Transfer-Encoding")) {
    if (++seen.transfer_encodings > 1 || !same_name(value, "chunked")) {
      return refuse("Transfer-Encoding must be chunked, once.");
    }
    seen.framing.chunked = true;
  } else if (same_name(name, "Content-Encoding")) {
    if (!value.empty() && !same_name(value, "identity")) {
      return refuse("Encoded request bodies are not accepted.", 415);
    }
  } else if (same_name(name, "Expect")) {
    if (!value.empty() && !same_name(value, "100-continue")) {
      return refuse("The expectation cannot be met.", 417);
    }
    seen.framing.expects_continue |= !value.empty();
  }
  return {};
}

tl::expected<void, Refusal> check_line(std::string_view line, Seen& seen) {
  if (line.front() == ' ' || line.front() == '\t') {
    return refuse("Folded header lines are not accepted.");
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) {
    return refuse("A header line is malformed.");
  }
  const std::string_view name = line.substr(0, colon);
  if (name.back() == ' ' || name.back() == '\t') {
    return refuse("White space before the colon of a header is not accepted.");
  }
  return check_field(name, without_blanks(line.substr(colon + 1)), seen);
}

tl::expected<Framing, Refusal> check_framing(Version version, Seen seen) {
  if (seen.transfer_encodings > 0 && (seen.lengths > 0 || version == Version::k10)) {
    return refuse(
        "Transfer-Encoding cannot be combined with Content-Length, nor be used in HTTP/1.0.");
  }
  if (version == Version::k11 && seen.hosts == 0) {
    return refuse("There must be exactly one valid Host.");
  }
  // RFC 9110 section 10.1.1: an HTTP/1.0 client cannot expect.
  seen.framing.expects_continue = seen.framing.expects_continue && version == Version::k11;
  return seen.framing;
}

}  // namespace

tl::expected<Framing, Refusal> check_head(std::string_view head, std::size_t fields_max) {
  if (head.find('\0') != std::string_view::npos) {
    return refuse("NUL is not accepted in a head.");
  }
  Seen seen;
  Version version = Version::k11;
  std::size_t lines = 0;
  while (true) {
    const std::size_t end = head.find_first_of(kLineEnd);
    if (end == std::string_view::npos || head.substr(end, 2) != kLineEnd) {
      return refuse("Lines must end with CR LF.");
    }
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end + 2);
    if (line.empty()) {
      break;
    }
    if (lines == 0) {
      const auto checked = check_request_line(line);
      if (!checked) {
        return tl::unexpected(checked.error());
      }
      version = *checked;
    } else if (lines > fields_max) {
      return refuse(fmt::format("The request has more than {} header fields.", fields_max), 431);
    } else if (const auto checked = check_line(line, seen); !checked) {
      return tl::unexpected(checked.error());
    }
    ++lines;
  }
  if (lines == 0 || !head.empty()) {
    return refuse("The request line is malformed.");
  }
  return check_framing(version, seen);
}

}  // namespace matricula::http
