#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "base/wide_copy.h"

// Values as JSON, written with wide stores into a buffer that has room to spare: the same bytes as
// execution writes from tables.
namespace matricula::readmodel {

// The most bytes that a number, time or id takes.
inline constexpr std::size_t kValueBytesMax = 40;

// A cache of the texts of dates, by day. One thread at a time.
class DateTexts {
 public:
  // "YYYY-MM-DDT" of a day since 1970, with kSlack readable bytes behind it.
  const char* text(std::int64_t day) {
    Entry& entry = entries_[static_cast<std::uint64_t>(day) % kDays];
    if (entry.day != day) {
      fill(entry, day);
    }
    return entry.text.data();
  }

 private:
  static constexpr std::size_t kDays = 1'024;
  struct Entry {
    std::int64_t day = INT64_MIN;
    std::array<char, 11 + kSlack> text = {};
  };
  static void fill(Entry& entry, std::int64_t day);

  std::array<Entry, kDays> entries_;
};

char* put_integer(char* out, std::int64_t value);
// Precondition: finite.
char* put_real(char* out, double value);
char* put_time(char* out, Timestamp value, DateTexts& dates);
char* put_uuid(char* out, const std::byte* uuid);

}  // namespace matricula::readmodel
