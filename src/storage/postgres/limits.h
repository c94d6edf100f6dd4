#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace matricula::storage::postgres {

// How long making a connection may take for each server that the address names, where the address
// has no connect_timeout ...
inline constexpr std::chrono::milliseconds kConnectTimeout{2'000};
// ... and how long no attempt is made after it failed.
inline constexpr std::chrono::milliseconds kConnectPause{50};
// For so long after a server did not answer, it is tried after the others.
inline constexpr std::chrono::milliseconds kHostPause{30'000};
// Servers that one address may name.
inline constexpr std::size_t kHostsMax = 16;
// How often a new connection tries to lift a time limit that ends its statements.
inline constexpr int kLiftsMax = 50;
// How long detecting a pooler may take, and how many probes are made.
inline constexpr std::chrono::milliseconds kPoolerWait{2'000};
inline constexpr int kPoolerLooks = 4;
// The pause between two tries to reach a store that is being started.
inline constexpr std::chrono::milliseconds kWaitPause{500};
// How much longer than a statement's own limit its answer is waited for: the server cancels it
// first.
inline constexpr std::chrono::milliseconds kCancelGrace{1'000};
// How long the answer to a commit is waited for; then how long, and how often, a commit in doubt is
// looked up.
inline constexpr std::chrono::milliseconds kCommitWait{10'000};
inline constexpr std::chrono::milliseconds kDoubtWait{5'000};
inline constexpr std::chrono::milliseconds kDoubtPause{50};
// The limit of one health check: probes give up soon.
inline constexpr std::chrono::milliseconds kHealthWait{1'000};
// SQL text of the statements that one session keeps prepared; past it, the least recently used is
// dropped. The server keeps a plan for each, which is some tens of times as large.
inline constexpr std::size_t kPreparedTextMax = 1024 * 1024;
// Rows of a large result that are in memory at once.
inline constexpr int kRowsPerFetch = 2'000;
// Bytes of rows that are gathered before they are sent to be copied.
inline constexpr std::size_t kCopyPartBytes = 64 * 1024;
// Size of the ring of commit markers. A commit in doubt is resolved long before so many others
// followed.
inline constexpr std::int64_t kCommitMarks = 1'024;
// Advisory locks ("Mtrc" and a number), taken in this order: migrations; writers of records; all
// writers (shared: programs of an older version, which know only this lock, hold it exclusively);
// writers of access data.
inline constexpr std::int64_t kMigrationLock = 0x4d74726300000002;
inline constexpr std::int64_t kRecordsLock = 0x4d74726300000003;
inline constexpr std::int64_t kWriterLock = 0x4d74726300000001;
inline constexpr std::int64_t kAccessLock = 0x4d74726300000004;
// Versions as PQserverVersion() gives them.
inline constexpr int kServerVersionMin = 13'00'00;

}  // namespace matricula::storage::postgres
