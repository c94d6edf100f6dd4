#include "http/head_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

namespace matricula::http {
namespace {

namespace beast = boost::beast;

// Beast's parser, keeping views into the head in place of copies. It is used for heads alone: its
// reader of chunked bodies hands trailers on as if they were headers, and asserts on a last chunk
// that comes byte by byte. See chunked.h.
class HeadParser final : public beast::http::basic_parser<true> {
 public:
  HeadParser(Request& request, std::vector<Header>& fields) : request_(request), fields_(fields) {}

 private:
  using Error = beast::error_code;
  using Text = beast::string_view;

  static std::string_view view(Text text) { return {text.data(), text.size()}; }

  void on_request_impl(beast::http::verb, Text method, Text target, int version, Error&) override {
    request_.method_name = view(method);
    request_.method = method_of(request_.method_name);
    request_.target = view(target);
    request_.http_1_0 = version == 10;
  }
  void on_field_impl(beast::http::field, Text name, Text value, Error&) override {
    fields_.push_back({.name = view(name), .value = view(value)});
  }
  void on_response_impl(int, Text, int, Error&) override {}
  void on_header_impl(Error&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Error&) override {}
  std::size_t on_body_impl(Text body, Error&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, Text, Error&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, Text body, Error&) override { return body.size(); }
  void on_finish_impl(Error&) override {}

  Request& request_;
  std::vector<Header>& fields_;
};

// Path and query of the four forms of RFC 9112 section 3.2. False when the target is none of them.
bool split_target(Request& request) {
  std::string_view target = request.target;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (same_name(target.substr(0, scheme.size()), scheme)) {
      target.remove_prefix(scheme.size());
      target.remove_prefix(std::min(target.size(), target.find_first_of("/?")));
      if (target.empty() || target.front() == '?') {
        request.path = "/";
        request.query = target.substr(target.empty() ? 0 : 1);
        return true;
      }
    }
  }
  if (target == "*" && request.method == Method::kOptions) {
    request.path = target;
    request.query = {};
    return true;
  }
  if (target.empty() || target.front() != '/' || target.find('#') != std::string_view::npos) {
    return false;
  }
  const std::size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  request.query = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
  return true;
}

}  // namespace

std::optional<Refusal> parse_head(std::string_view head, const Framing& framing, Request& request,
                                  std::vector<Header>& fields) {
  fields.clear();
  HeadParser parser(request, fields);
  parser.header_limit(static_cast<std::uint32_t>(head.size() + 1));
  parser.body_limit(boost::none);
  beast::error_code error;
  const std::size_t used = parser.put(boost::asio::const_buffer(head.data(), head.size()), error);
  if (error || used != head.size() || !parser.is_header_done()) {
    return Refusal{.status = 400, .message = "The head of the request is malformed."};
  }
  // The gate and the parser must agree on where the body ends.
  if (parser.chunked() != framing.chunked ||
      parser.content_length().value_or(0) != framing.content_length) {
    return Refusal{.status = 400, .message = "The length of the body is ambiguous."};
  }
  if (!split_target(request)) {
    return Refusal{.status = 400, .message = "The request target is malformed."};
  }
  request.headers = fields;
  request.keep_alive = parser.keep_alive();
  return std::nullopt;
}

}  // namespace matricula::http
