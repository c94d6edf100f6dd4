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
// Turns. Such a lock cannot be waited for with a time limit, so that who waits tries again and
// again and would never come between two transactions of a writer that has many: an import of many
// files. Who waits therefore says so, by the time, in memory that all processes share; and who had
// the lock just now and wants it again while somebody waits leaves it free for a moment first. So a
// writer waits for one transaction of another process at most, and then takes its turn.
//
// Presence. Who has the store open holds a shared lock of the other kind (flock) on the file, and
// who puts another store in its place an exclusive one. The kernel frees both when a holder dies.
//
// The generation. A counter in memory that all processes share: even at rest, odd during a commit
// that may make a cache wrong. Commits of Database::write_keeping_caches() leave it alone. Who
// reads an even value E, then reads the store, then reads E again, saw the store as it is at that
// second look, because
// - a commit becomes visible only when SQLite writes the header of the log's shared index, after
//   the counter went odd and before it goes on to the next even value;
// - so whoever sees E also sees every commit up to E (release and acquire on the counter; the
//   header lies in memory shared the same way), and whoever sees a later commit finds the counter
//   changed (SQLite passes full barriers and system calls whenever a read begins or ends).
// A writer that dies between leaves the counter odd: nothing read then is trusted, and the next to
// hold the lock makes it even. Whether the dead writer's commit happened does not matter: no value
// of before is ever seen again. The counter is not kept safe against power loss and need not be,
// since no reader survives one: it means nothing outside of running processes.
//
// Safe to call from any thread.
class LockFile {
 public:
  // Opens or makes the lock file of the store at `store_path`. `mode` is for a new file.
  static Result<std::unique_ptr<LockFile>> open(const std::string& store_path, mode_t mode);
  // The same, alone: kConflict while a program has the store open, and no program opens it until
  // this goes.
  static Result<std::unique_ptr<LockFile>> open_alone(const std::string& store_path, mode_t mode);
  ~LockFile();
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;

  // The lock, held until this goes.
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
  // Whether the file is still the one at its path; if not, it excludes no other process any more.
  bool is_in_place() const;

 private:
  struct Page {
    char magic[16];
    std::atomic<std::uint64_t> generation;
    std::atomic<std::int64_t> waited_at;  // when somebody last waited, by the system's steady clock
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
