#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <sys/types.h>
#include <thread>

#include "base/clock.h"
#include "base/result.h"

namespace matricula::storage::sqlite {

// The file beside a store (PATH-lock) that orders all its writers and counts their commits.
//
// The lock. Debian's SQLite 3.40.1 can damage a write-ahead log when two connections write or
// checkpoint at once, so each write transaction and each checkpoint of every process is done while
// holding this lock: among threads by a mutex, among processes by an open-file-description lock,
// which the kernel frees when its holder dies.
//
// Turns. Linux has no such lock with a time limit, so a waiting process polls, and would never get
// in between two transactions of a writer that has many, such as an import of many files. A waiting
// process therefore writes the current time to memory that all processes share. A process that has
// just released the lock and wants it again leaves it free for a moment first while that time is
// recent. So a writer waits for at most one transaction of another process.
//
// Presence. Each process that has the store open holds a shared lock of the other kind (flock) on
// the file, and one that replaces the store an exclusive lock. The kernel frees both when a holder
// dies.
//
// One log. All processes that have the store open must have the same write-ahead log and the same
// index of it. SQLite removes neither while a process has the store open, but where another program
// did, it makes new ones for the next process, whose checkpoints then damage the store. So the
// memory that all processes share says which files they are. The first process that opens the store
// clears that.
//
// The generation. A counter in memory that all processes share: even at rest, odd during a commit
// that may make a cache wrong. Commits of Database::write_keeping_caches() leave it alone. A reader
// that reads an even value E, then the store, then E again has seen the store as it was at the
// second read of E, because
// - a commit becomes visible only when SQLite writes the header of the log's shared index, after
//   the counter went odd and before it goes on to the next even value;
// - so a reader that sees E also sees every commit up to E (release and acquire on the counter; the
//   header is in memory shared the same way), and a reader that sees a later commit finds the
//   counter changed (SQLite passes full barriers and system calls whenever a read begins or ends).
// A writer that dies in between leaves the counter odd: nothing read then is trusted, and the next
// holder of the lock makes it even. Whether the dead writer's commit happened does not matter: no
// earlier value is ever seen again. The counter is not durable and need not be, since no reader
// survives a power loss: it means nothing outside running processes.
//
// Safe to call from any thread.
class LockFile {
 public:
  // Opens or makes the lock file of the store at `store_path`. `mode` is for a new file.
  static Result<std::unique_ptr<LockFile>> open(const std::string& store_path, mode_t mode);
  // The same, exclusively: kConflict while a program has the store open, and no program can open it
  // until this object is destroyed.
  static Result<std::unique_ptr<LockFile>> open_alone(const std::string& store_path, mode_t mode);
  ~LockFile();
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;

  // Holds the lock until it is destroyed.
  class Hold {
   public:
    explicit Hold(LockFile& file) : file_(&file) {}
    Hold(Hold&& other) noexcept : file_(std::exchange(other.file_, nullptr)) {}
    Hold& operator=(Hold&&) = delete;
    ~Hold() {
      if (file_ != nullptr) {
        file_->release();
      }
    }

   private:
    LockFile* file_;
  };

  // Waits for the lock at most `limit`, then kUnavailable; a limit of 0 only tries. Asking for it
  // while holding it is an assertion.
  Result<Hold> acquire(std::chrono::milliseconds limit, const Clock& clock);

  std::uint64_t generation() const { return page_->generation.load(std::memory_order_seq_cst); }
  // Around a commit, by the holder.
  void begin_commit();
  void end_commit();
  // kUnavailable where the file is not the one at its path: it excludes no other process any more.
  Result<void> check_in_place() const;
  // The inodes of a store, its log and the log's index; not 0.
  struct StoreInodes {
    std::uint64_t store = 0;
    std::uint64_t log = 0;
    std::uint64_t index = 0;
  };
  // Whether the processes that have this store open have these files: see "One log". To be called
  // with files that are at their paths.
  bool agrees_on_log(const StoreInodes& inodes);
  // To be called before the store is closed, with which SQLite may remove the log.
  void forget_log();

 private:
  struct Page {
    char magic[16];
    std::atomic<std::uint64_t> generation;
    std::atomic<std::int64_t> waited_at;  // when a process last waited, by the steady clock
    std::atomic<std::uint64_t> store;     // as StoreInodes; 0: the next two are not known
    std::atomic<std::uint64_t> log;
    std::atomic<std::uint64_t> index;
  };

  LockFile(std::string path, int descriptor, Page* page)
      : path_(std::move(path)), descriptor_(descriptor), page_(page) {}
  Result<void> lock_file(std::chrono::milliseconds limit);
  Result<void> wait_for_lock(std::chrono::milliseconds limit) const;
  void give_way() const;
  static Result<std::unique_ptr<LockFile>> open_as(const std::string& store_path, mode_t mode,
                                                   bool is_alone);
  void release();

  const std::string path_;
  const int descriptor_;
  Page* const page_;
  std::mutex mutex_;  // guards the next three
  std::condition_variable freed_;
  bool held_ = false;
  std::thread::id holder_;
  std::int64_t released_at_ = 0;  // of the file's lock; used by its holder alone
};

}  // namespace matricula::storage::sqlite
