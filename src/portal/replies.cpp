#include "portal/replies.h"

#include <fmt/format.h>

namespace matricula::portal {

http::Response nothing_here() {
  return http::error_response(404, "There is nothing at this path.");
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out += fmt::format("{}\"{}\":", out.ends_with('{') ? "" : ",", name);
  json::append_string(out, text);
}

void append_time_member(std::string& out, std::string_view name, std::optional<Timestamp> time) {
  out += fmt::format("{}\"{}\":", out.ends_with('{') ? "" : ",", name);
  if (time) {
    json::append_time(out, *time);
  } else {
    out += "null";
  }
}

void append_search_end(std::string& out, std::optional<std::int64_t> next, std::int64_t examined) {
  out +=
      fmt::format(R"(,"next":{},"examined":{}}})", next ? std::to_string(*next) : "null", examined);
}

void append_company(std::string& out, const auth::Company& company) {
  out += '{';
  append_member(out, "id", company.id);
  append_member(out, "slug", company.slug);
  append_member(out, "name", company.name);
  out += '}';
}

}  // namespace matricula::portal
