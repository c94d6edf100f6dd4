#pragma once

#include <cstdint>

namespace matricula::storage::sqlite {

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

}  // namespace matricula::storage::sqlite
