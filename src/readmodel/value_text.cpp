#include "readmodel/value_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/time_text.h"

namespace matricula::readmodel {
namespace {

// Up to here the shortest text of a number of hundredths has no exponent.
constexpr double kPlainMax = 99'999;

constexpr auto kTwoDigits = [] {
  std::array<char, 200> digits = {};
  for (std::size_t i = 0; i < 100; ++i) {
    digits[2 * i] = static_cast<char>('0' + i / 10);
    digits[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return digits;
}();

constexpr auto kHexDigits = [] {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<char, 512> digits = {};
  for (std::size_t i = 0; i < 256; ++i) {
    digits[2 * i] = kDigits[i / 16];
    digits[2 * i + 1] = kDigits[i % 16];
  }
  return digits;
}();

char* put_two(char* out, std::uint64_t value) {
  std::memcpy(out, kTwoDigits.data() + 2 * value, 2);
  return out + 2;
}

}  // namespace

char* put_integer(char* out, std::int64_t value) {
  return std::to_chars(out, out + kValueBytesMax, value).ptr;
}

// A whole number of hundredths is written with those digits: the text reads back as the same
// number, and no shorter one does.
char* put_real(char* out, double value) {
  if (value >= 0 && value <= kPlainMax && !std::signbit(value)) {
    const auto hundredths = static_cast<std::uint64_t>(std::llround(value * 100));
    if (static_cast<double>(hundredths) / 100 == value) {
      out = put_integer(out, static_cast<std::int64_t>(hundredths / 100));
      const std::uint64_t rest = hundredths % 100;
      if (rest == 0) {
        return out;
      }
      *out++ = '.';
      out = put_two(out, rest);
      return rest % 10 == 0 ? out - 1 : out;
    }
  }
  return std::to_chars(out, out + kValueBytesMax, value).ptr;
}

void DateTexts::fill(Entry& entry, std::int64_t day) {
  std::array<char, kTimeTextMax> whole;
  format_time(day * kSecondsPerDay * kMicrosPerSecond, whole.data());
  std::copy_n(whole.data(), 11, entry.text.data());
  entry.day = day;
}

char* put_time(char* out, Timestamp value, DateTexts& dates) {
  *out++ = '"';
  if (value < 0 || value > kTimeMax) {
    out += format_time(value, out);
    *out++ = '"';
    return out;
  }
  const auto micros = static_cast<std::uint64_t>(value);
  const std::uint64_t seconds = micros / kMicrosPerSecond;
  const std::uint64_t fraction = micros % kMicrosPerSecond;
  const std::uint64_t of_day = seconds % kSecondsPerDay;
  out = put_text(out, {dates.text(static_cast<std::int64_t>(seconds / kSecondsPerDay)), 11});
  out = put_two(out, of_day / 3'600);
  *out++ = ':';
  out = put_two(out, of_day / 60 % 60);
  *out++ = ':';
  out = put_two(out, of_day % 60);
  if (fraction != 0) {
    *out++ = '.';
    out = put_two(out, fraction / 10'000);
    out = put_two(out, fraction / 100 % 100);
    out = put_two(out, fraction % 100);
    while (out[-1] == '0') {
      --out;
    }
  }
  *out++ = 'Z';
  *out++ = '"';
  return out;
}

char* put_uuid(char* out, const std::byte* uuid) {
  *out++ = '"';
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) {
      *out++ = '-';
    }
    std::memcpy(out, kHexDigits.data() + 2 * std::to_integer<std::size_t>(uuid[i]), 2);
    out += 2;
  }
  *out++ = '"';
  return out;
}

}  // namespace matricula::readmodel
