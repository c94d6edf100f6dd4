#include "base/time_text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace matricula {
namespace {

char* put_digits(char* out, std::uint64_t value, int width) {
  for (int i = width - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  return out + width;
}

// Reads exactly `width` digits and moves past them.
std::optional<int> take_digits(std::string_view& text, std::size_t width) {
  if (text.size() < width) {
    return std::nullopt;
  }
  int value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    if (text[i] < '0' || text[i] > '9') {
      return std::nullopt;
    }
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(width);
  return value;
}

bool take(std::string_view& text, char lower, char upper) {
  if (text.empty() || (text.front() != lower && text.front() != upper)) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

// Fraction digits after the point, cut to microseconds.
std::optional<std::int64_t> take_fraction(std::string_view& text) {
  std::int64_t micros = 0;
  std::size_t count = 0;
  while (count < text.size() && text[count] >= '0' && text[count] <= '9') {
    if (count < 6) {
      micros = micros * 10 + (text[count] - '0');
    }
    ++count;
  }
  if (count == 0) {
    return std::nullopt;
  }
  for (std::size_t i = count; i < 6; ++i) {
    micros *= 10;
  }
  text.remove_prefix(count);
  return micros;
}

// Days since 1970.
std::optional<std::int64_t> take_date(std::string_view& text) {
  const auto year = take_digits(text, 4);
  if (!year || !take(text, '-', '-')) {
    return std::nullopt;
  }
  const auto month = take_digits(text, 2);
  if (!month || !take(text, '-', '-')) {
    return std::nullopt;
  }
  const auto day = take_digits(text, 2);
  if (!day) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  return date.ok()
             ? std::optional<std::int64_t>(std::chrono::sys_days{date}.time_since_epoch().count())
             : std::nullopt;
}

struct TimeOfDay {
  int hour = 0;
  int minute = 0;
  int second = 0;  // 60: a leap second
  std::int64_t micros = 0;
};

std::optional<TimeOfDay> take_time_of_day(std::string_view& text) {
  const auto hour = take_digits(text, 2);
  if (!hour || !take(text, ':', ':')) {
    return std::nullopt;
  }
  const auto minute = take_digits(text, 2);
  if (!minute || !take(text, ':', ':')) {
    return std::nullopt;
  }
  const auto second = take_digits(text, 2);
  if (!second || *hour > 23 || *minute > 59 || *second > 60) {
    return std::nullopt;
  }
  const auto micros = take(text, '.', '.') ? take_fraction(text) : std::optional<std::int64_t>(0);
  if (!micros) {
    return std::nullopt;
  }
  return TimeOfDay{.hour = *hour, .minute = *minute, .second = *second, .micros = *micros};
}

// Minutes east of UTC.
std::optional<int> take_offset(std::string_view& text) {
  if (take(text, 'z', 'Z')) {
    return 0;
  }
  if (text.empty() || (text.front() != '+' && text.front() != '-')) {
    return std::nullopt;
  }
  const int sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  const auto hours = take_digits(text, 2);
  if (!hours || !take(text, ':', ':')) {
    return std::nullopt;
  }
  const auto minutes = take_digits(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59) {
    return std::nullopt;
  }
  return sign * (*hours * 60 + *minutes);
}

}  // namespace

std::size_t format_time(Timestamp time, char* out) {
  time = std::clamp(time, kTimeMin, kTimeMax);
  std::int64_t seconds = time / kMicrosPerSecond;
  std::int64_t micros = time % kMicrosPerSecond;
  if (micros < 0) {
    micros += kMicrosPerSecond;
    --seconds;
  }
  std::int64_t days = seconds / kSecondsPerDay;
  std::int64_t rest = seconds % kSecondsPerDay;
  if (rest < 0) {
    rest += kSecondsPerDay;
    --days;
  }
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  const int year = static_cast<int>(date.year());
  char* p = put_digits(out, static_cast<std::uint64_t>(year), 4);
  *p++ = '-';
  p = put_digits(p, static_cast<unsigned>(date.month()), 2);
  *p++ = '-';
  p = put_digits(p, static_cast<unsigned>(date.day()), 2);
  *p++ = 'T';
  const auto second_of_day = static_cast<std::uint64_t>(rest);
  p = put_digits(p, second_of_day / 3600, 2);
  *p++ = ':';
  p = put_digits(p, second_of_day / 60 % 60, 2);
  *p++ = ':';
  p = put_digits(p, second_of_day % 60, 2);
  if (micros != 0) {
    *p++ = '.';
    p = put_digits(p, static_cast<std::uint64_t>(micros), 6);
    while (p[-1] == '0') {
      --p;
    }
  }
  *p++ = 'Z';
  return static_cast<std::size_t>(p - out);
}

std::string time_text(Timestamp time) {
  std::array<char, kTimeTextMax> buffer;
  return {buffer.data(), format_time(time, buffer.data())};
}

std::optional<Timestamp> parse_time(std::string_view text) {
  const auto day = take_date(text);
  // RFC 3339 section 5.6: "T" may be lower case; a space instead is common and unambiguous.
  if (!day || !(take(text, 't', 'T') || take(text, ' ', ' '))) {
    return std::nullopt;
  }
  const auto time = take_time_of_day(text);
  const auto offset = time ? take_offset(text) : std::nullopt;
  if (!offset || !text.empty()) {
    return std::nullopt;
  }
  const bool is_leap = time->second == 60;
  const std::int64_t seconds = *day * kSecondsPerDay + time->hour * 3600 + time->minute * 60 +
                               (is_leap ? 59 : time->second) - *offset * 60;
  // Leap seconds are put in at the end of a day in UTC.
  if (is_leap && (seconds + 1) % kSecondsPerDay != 0) {
    return std::nullopt;
  }
  // An offset may carry the moment out of the four-digit years, which could not be written back.
  if (seconds < kTimeMin / kMicrosPerSecond || seconds > kTimeMax / kMicrosPerSecond) {
    return std::nullopt;
  }
  return seconds * kMicrosPerSecond + (is_leap ? kMicrosPerSecond - 1 : time->micros);
}

bool is_iso8601_duration(std::string_view text) {
  if (!take(text, 'P', 'P')) {
    return false;
  }
  std::string_view units = "YMWD";
  bool any = false;
  bool in_time = false;
  bool fraction_seen = false;
  while (!text.empty()) {
    if (!in_time && take(text, 'T', 'T')) {
      in_time = true;
      units = "HMS";
      if (text.empty()) {
        return false;
      }
      continue;
    }
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
      ++digits;
    }
    if (digits == 0 || fraction_seen) {
      return false;
    }
    text.remove_prefix(digits);
    if (take(text, '.', ',')) {
      fraction_seen = true;
      std::size_t decimals = 0;
      while (decimals < text.size() && text[decimals] >= '0' && text[decimals] <= '9') {
        ++decimals;
      }
      if (decimals == 0) {
        return false;
      }
      text.remove_prefix(decimals);
    }
    const std::size_t unit = text.empty() ? std::string_view::npos : units.find(text.front());
    if (unit == std::string_view::npos) {
      return false;
    }
    units.remove_prefix(unit + 1);
    text.remove_prefix(1);
    any = true;
  }
  return any;
}

}  // namespace matricula
