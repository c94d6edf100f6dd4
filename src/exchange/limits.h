#pragma once

#include <cstddef>

namespace matricula::exchange {

// The longest line of an import file, without its newline.
inline constexpr std::size_t kLineBytesMax = 4 * 1024 * 1024;
// A record in canonical form, so that import takes every line that export writes, and those of a
// feed, which have some members more.
inline constexpr std::size_t kRecordBytesMax = kLineBytesMax - 1'024;
// The canonical form of a line takes less than so many times its bytes: it has all members of a
// step and a translation.
inline constexpr std::size_t kCanonicalGrowthMax = 16;
// Arrays and objects inside each other in one line.
inline constexpr std::size_t kNestingMax = 200;
// Rejected lines that a report gives reasons for, for one file; the others are only counted.
inline constexpr std::size_t kReasonsMax = 100;
// Records, and bytes of their texts, that are put into a store at once where it takes many; and the
// fewest for which that pays.
inline constexpr std::size_t kBatchRecordsMax = 4'096;
inline constexpr std::size_t kBatchBytesMax = 8 * 1024 * 1024;
inline constexpr std::size_t kBatchRecordsMin = 8;
// Records of a file that are sorted in memory at once; more of them are merged from disk.
inline constexpr std::size_t kRunBytesMax = 16 * 1024 * 1024;
// People, or their subscriptions, that generate sorts in memory at once; more take several passes.
inline constexpr std::size_t kSortedItemsMax = 1024 * 1024;
// The window of a .zst file, as a power of two: 8 MiB, what `zstd -19` uses.
inline constexpr int kZstdWindowLogMax = 23;
// Lines between two reports of progress.
inline constexpr std::size_t kLinesPerProgress = 2'000;
// Bytes that export collects before it writes them.
inline constexpr std::size_t kWriteBytes = 256 * 1024;

}  // namespace matricula::exchange
