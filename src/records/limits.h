#pragma once

#include <cstddef>
#include <cstdint>

namespace matricula::records {

// Bytes of texts that indexes hold: PostgreSQL's index rows have at most 2,704 bytes, and the
// largest has a company, a title and a program key, or four keys.
inline constexpr std::size_t kKeyBytesMax = 500;
inline constexpr std::size_t kTitleBytesMax = 1'000;
inline constexpr std::size_t kEmailBytesMax = 320;
// Records of one entity that a writer caches for looking up references, so that memory stays
// bounded.
inline constexpr std::size_t kReferencesMax = 65'536;
// Lines of one file that wait for an e-mail address or a slug that a later line frees.
inline constexpr std::size_t kHandoversMax = 200'000;
// Reports that a ChangeLog keeps in memory, and new users of companies; of more reports a temporary
// table is made, and the users are added. Reports that are read from that table at once.
inline constexpr std::size_t kChangesMax = 65'536;
inline constexpr std::size_t kReportsPerStep = 1'000;
// Companies and people that one write deletes.
inline constexpr std::size_t kRemovalsMax = 1'000'000;
// The Bloom filter that finds progress rows which one transaction writes twice (4 MiB, good for
// some millions of rows), and how many of those rows are compared with the committed ones.
inline constexpr std::size_t kTouchedFilterBits = std::size_t{1} << 25U;
inline constexpr std::size_t kRetouchedMax = 100'000;
// A file of at least so many progress records rebuilds the indexes of a table, if the table has no
// more rows than the file adds, plus so many for each row that it changes: with more rows, updating
// the indexes is faster. One record of so many is sampled to estimate those numbers.
inline constexpr std::uint64_t kBulkRecordsMin = 10'000;
inline constexpr std::uint64_t kBulkRowsPerChange = 2;
inline constexpr std::uint64_t kRecordsPerSample = 32;
// Gaps in the numbers of a write that are filled at once.
inline constexpr std::size_t kGapsPerStep = 1'000;
// Rows of a table that a reader of changes asks for at once.
inline constexpr std::size_t kChangesPerQuery = 512;

}  // namespace matricula::records
