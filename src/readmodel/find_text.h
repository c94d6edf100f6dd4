#pragma once

#include <cstddef>
#include <string_view>

#if defined(__SSE2__)
#include <bit>
#include <cstring>
#include <emmintrin.h>
#endif

namespace matricula::readmodel {

// Where the needle, which has at least one byte, begins in the text, from a place on; npos for
// nowhere. Sixteen bytes behind the text must be readable.
//
// Compares the needle's first and last byte at sixteen places at once, and the bytes between where
// both match: W. Mula, "SIMD-friendly algorithms for substring searching", 2016. The texts of
// people are short and searched once, so that tables for a needle would not pay.
inline std::size_t find_text(std::string_view text, std::string_view needle, std::size_t from = 0) {
#if defined(__SSE2__)
  constexpr std::size_t kPlaces = 16;
  if (needle.size() == 1) {
    return text.find(needle.front(), from);
  }
  const __m128i first = _mm_set1_epi8(needle.front());
  const __m128i last = _mm_set1_epi8(needle.back());
  for (std::size_t at = from; at + needle.size() <= text.size(); at += kPlaces) {
    const char* const begin = text.data() + at;
    const auto load = [](const char* place) {
      return _mm_loadu_si128(reinterpret_cast<const __m128i*>(place));
    };
    const __m128i both = _mm_and_si128(_mm_cmpeq_epi8(first, load(begin)),
                                       _mm_cmpeq_epi8(last, load(begin + needle.size() - 1)));
    for (auto places = static_cast<unsigned>(_mm_movemask_epi8(both)); places != 0;
         places &= places - 1) {
      const auto place = static_cast<std::size_t>(std::countr_zero(places));
      if (at + place + needle.size() <= text.size() &&
          std::memcmp(begin + place + 1, needle.data() + 1, needle.size() - 2) == 0) {
        return at + place;
      }
    }
  }
  return std::string_view::npos;
#else
  return text.find(needle, from);
#endif
}

// Whether the text has the needle; as find_text().
inline bool contains(std::string_view text, std::string_view needle) {
  return find_text(text, needle) != std::string_view::npos;
}

}  // namespace matricula::readmodel
