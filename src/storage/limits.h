#pragma once

#include <cstddef>
#include <cstdint>

namespace matricula::storage {

// Prepared statements that one session keeps; past it, the least recently used is dropped.
inline constexpr std::size_t kPreparedStatementsMax = 256;
// The longest text, bytes or row that SQLite takes or makes.
inline constexpr int kValueBytesMax = 64 * 1024 * 1024;
// The longest SQL text; ours is generated and far shorter.
inline constexpr int kSqlBytesMax = 1024 * 1024;
// Virtual machine steps between two checks of the deadline: some tens of microseconds.
inline constexpr int kStepsPerDeadlineCheck = 1000;
// A checkpoint is tried when this much was added to the write-ahead log since the last try ...
inline constexpr std::int64_t kCheckpointBytes = 16 * 1024 * 1024;
// ... and beyond this length it also tries to cut the log's file.
inline constexpr std::int64_t kTruncateBytes = 64 * 1024 * 1024;
// How much of the store's file readers map into memory; Debian's SQLite maps no more than this. A
// page that cannot be read then reads as zeros: see survive_bus_errors().
inline constexpr std::int64_t kMappedBytesMax = 0x7fff0000;
// What the writer sorts in memory when it makes an index of many rows; more goes to a temporary
// file.
inline constexpr std::int64_t kSortBytesMax = 16 * 1024 * 1024;
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
