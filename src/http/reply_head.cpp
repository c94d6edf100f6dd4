#include "http/reply_head.h"

#include <array>
#include <chrono>
#include <fmt/format.h>
#include <iterator>

namespace matricula::http {
namespace {

void append_number(std::string& out, std::uint64_t number) {
  const fmt::format_int text(number);
  out.append(text.data(), text.size());
}

}  // namespace

bool has_no_content(int status) {
  return status / 100 == 1 || status == 204 || status == 304;
}

void append_reply_head(std::string& out, const Response& response, const ReplyHead& head) {
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::uint64_t>(response.status));
  out += ' ';
  out += reason_phrase(response.status);
  out += "\r\nDate: ";
  out += head.date;
  out += "\r\nX-Request-Id: ";
  out += head.request_id;
  if (!response.content_type.empty()) {
    out += "\r\nContent-Type: ";
    out += response.content_type;
  }
  if (head.chunked) {
    out += "\r\nTransfer-Encoding: chunked";
  } else if (head.content_length && !has_no_content(response.status)) {
    out += "\r\nContent-Length: ";
    append_number(out, *head.content_length);
  }
  if (head.coding != ContentCoding::kIdentity) {
    out += "\r\nContent-Encoding: ";
    out += coding_name(head.coding);
  }
  if (head.vary_by_encoding) {
    out += "\r\nVary: Accept-Encoding";
  }
  if (!head.keep_alive) {
    out += "\r\nConnection: close";
  } else if (head.http_1_0) {
    out += "\r\nConnection: keep-alive";
  }
  out += "\r\n";
  out += response.headers.text();
  out += "\r\n";
}

std::string http_date(Timestamp time) {
  using namespace std::chrono;
  static constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed",
                                                            "Thu", "Fri", "Sat"};
  static constexpr std::array<std::string_view, 12> kMonths = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const sys_seconds moment = floor<seconds>(sys_time<microseconds>(microseconds(time)));
  const sys_days day = floor<days>(moment);
  const year_month_day date(day);
  const hh_mm_ss clock(moment - day);
  std::string text;
  fmt::format_to(std::back_inserter(text), "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                 kDays[weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                 kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                 clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  return text;
}

}  // namespace matricula::http
