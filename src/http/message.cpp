#include "http/message.h"

#include <algorithm>
#include <exception>
#include <new>

#include "base/ascii.h"
#include "base/assert.h"
#include "base/escape.h"

namespace matricula::http {
namespace {

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

}  // namespace

Method method_of(std::string_view name) {
  struct Entry {
    std::string_view name;
    Method method;
  };
  static constexpr Entry kMethods[] = {
      {"GET", Method::kGet},         {"POST", Method::kPost},   {"HEAD", Method::kHead},
      {"PUT", Method::kPut},         {"PATCH", Method::kPatch}, {"DELETE", Method::kDelete},
      {"OPTIONS", Method::kOptions},
  };
  for (const Entry& entry : kMethods) {
    if (entry.name == name) {
      return entry.method;
    }
  }
  return Method::kOther;
}

bool same_name(std::string_view left, std::string_view right) {
  return left.size() == right.size() &&
         std::equal(left.begin(), left.end(), right.begin(),
                    [](char a, char b) { return ascii_lower(a) == ascii_lower(b); });
}

std::optional<std::string_view> Request::header(std::string_view name) const {
  for (const Header& header : headers) {
    if (same_name(header.name, name)) {
      return header.value;
    }
  }
  return std::nullopt;
}

std::size_t Request::header_count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(headers.begin(), headers.end(),
                    [name](const Header& header) { return same_name(header.name, name); }));
}

void HeaderLines::add(std::string_view name, std::string_view value) {
  text_.reserve(text_.size() + name.size() + value.size() + 4);
  text_ += name;
  text_ += ": ";
  const std::size_t start = text_.size();
  text_ += value;
  std::replace_if(text_.begin() + static_cast<std::ptrdiff_t>(start), text_.end(), is_control, ' ');
  text_ += "\r\n";
}

std::optional<std::string_view> HeaderLines::find(std::string_view name) const {
  std::string_view rest = text_;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(line.size() + 2);
    const std::size_t colon = line.find(':');
    if (same_name(line.substr(0, colon), name)) {
      return line.substr(colon + 2);
    }
  }
  return std::nullopt;
}

std::string encoded_tag(std::string_view tag, std::string_view coding) {
  std::string encoded(tag);
  if (tag.starts_with('"')) {
    encoded.insert(tag.size() - 1, "-").insert(tag.size(), coding);
  }
  return encoded;
}

void HeaderLines::mark_etag(std::string_view coding) {
  if (const auto tag = find("ETag")) {
    const auto begin = static_cast<std::size_t>(tag->data() - text_.data());
    text_.replace(begin, tag->size(), encoded_tag(*tag, coding));
  }
}

Response json_response(int status, std::string body, std::string_view content_type) {
  Response response{
      .status = status, .content_type = std::string(content_type), .body = std::move(body)};
  response.headers.add("Cache-Control", "no-store");
  return response;
}

Response error_response(int status, std::string_view message) {
  Response response{.status = status, .content_type = std::string(kJsonType)};
  response.body = R"({"errors":[{"message":)";
  append_json_string(response.body, message);
  response.body += "}]}";
  return response;
}

Response method_not_allowed(std::string_view allowed, std::string_view message) {
  Response response = error_response(405, message);
  response.headers.add("Allow", std::string(allowed));
  return response;
}

std::string_view reason_phrase(int status) {
  struct Entry {
    int status;
    std::string_view phrase;
  };
  static constexpr Entry kPhrases[] = {
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {206, "Partial Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {410, "Gone"},
      {411, "Length Required"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {416, "Range Not Satisfiable"},
      {417, "Expectation Failed"},
      {421, "Misdirected Request"},
      {422, "Unprocessable Content"},
      {428, "Precondition Required"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"},
  };
  for (const Entry& entry : kPhrases) {
    if (entry.status == status) {
      return entry.phrase;
    }
  }
  return {};
}

Responder::~Responder() {
  if (!sink_) {
    return;
  }
  const std::shared_ptr<ReplySink> sink = sink_;
  try {
    if (std::uncaught_exceptions() == 0) {
      send(error_response(500, "Internal server error."));
    } else {
      Response response =
          error_response(503, "The server is out of memory; try again in a second.");
      response.headers.add("Retry-After", "1");
      send(std::move(response));
    }
  } catch (const std::bad_alloc&) {
    sink->drop();
  }
}

void Responder::send(Response response) {
  MATRICULA_ASSERT(sink_ != nullptr);
  const std::shared_ptr<ReplySink> sink = std::move(sink_);
  sink->reply(std::move(response));
}

}  // namespace matricula::http
