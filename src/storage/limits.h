#pragma once

#include <cstddef>
#include <cstdint>

namespace matricula::storage {

// Prepared statements that one session keeps; past it, the least recently used is dropped.
inline constexpr std::size_t kPreparedStatementsMax = 256;
// Counts that are cached, and the longest text of filters that is a key of one.
inline constexpr std::size_t kCountsMax = 4'096;
inline constexpr std::size_t kCountKeyBytesMax = 2'048;
// A page is short when it is expected to visit so many entries of indexes at most: some hundreds of
// microseconds.
inline constexpr std::int64_t kShortPageEntriesMax = 4'000;
// Histograms that a reader keeps, and the rows of one.
inline constexpr std::size_t kHistogramsMax = 256;
inline constexpr std::size_t kHistogramRowsMax = 1'024;
// People of a block of a company's search index before it is split; half of them after.
inline constexpr std::size_t kBlockPeopleMax = 64;
// Grams of a search that are looked up; more of them would hardly be more selective.
inline constexpr std::size_t kNeedleGramsMax = 32;
// People that a search finds at a time.
inline constexpr std::size_t kFoundPeopleMax = 4'096;
// What an error's internal message has of the SQL text that failed.
inline constexpr std::size_t kErrorTextBytesMax = 500;
// Problems that one check() names, per kind.
inline constexpr int kProblemsMax = 100;

}  // namespace matricula::storage
