#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "base/thread_group.h"
#include "dataapi/made_file.h"
#include "dataapi/table_writer.h"
#include "spool/spool.h"
#include "storage/database.h"

namespace matricula::dataapi {

struct FileMakerOptions {
  unsigned threads = 4;
  unsigned of_company_max = 2;  // files being made at once, of one company
  std::size_t queue_max = 256;  // files that wait for a thread
  // Complete files without readers stay for readers who come back for a part of them.
  std::chrono::nanoseconds kept_for = std::chrono::seconds(60);
  std::uint64_t kept_bytes_max = std::uint64_t{1} * 1024 * 1024 * 1024;
};

// Makes files into the spool on threads of low priority, so that a slow reader holds no snapshot of
// the store open, and other requests go first. A file is made once for all readers while its table
// does not change. Safe to call from any thread. The destructor fails files that are not complete.
class FileMaker {
 public:
  // `database`, `clock` and `logger` must outlive it.
  FileMaker(storage::Database& database, std::shared_ptr<spool::Spool> spool, const Clock& clock,
            Logger& logger, const FileMakerOptions& options = {});
  ~FileMaker();
  FileMaker(const FileMaker&) = delete;
  FileMaker& operator=(const FileMaker&) = delete;

  // The file of a state that is at least `seen`, complete or being made. A file whose state is not
  // known yet may turn out to be older: the caller calls get() again then. kRateLimited where too
  // many files of the company are being made; kUnavailable where too many wait.
  Result<std::shared_ptr<MadeFile>> get(const FileOrder& order, const FileState& seen);

  // Drops files that were not read for a time. To be called every second or so.
  void sweep();

 private:
  class Sink;
  struct Kept {
    std::shared_ptr<MadeFile> file;
    std::chrono::nanoseconds used{0};  // Clock::monotonic()
  };
  struct Job {
    std::string key;
    FileOrder order;
    std::shared_ptr<MadeFile> file;
  };

  void work();
  void ask_to_end();
  void make(Job& job, std::unique_ptr<storage::Session>& session);
  void end(const Job& job);
  void log_failure(const Job& job, const Error& error);
  bool is_wanted(const Job& job);
  void drop_idle(std::chrono::nanoseconds unused_since, std::uint64_t bytes_max);

  storage::Database& database_;
  const std::shared_ptr<spool::Spool> spool_;
  const Clock& clock_;
  Logger& logger_;
  const FileMakerOptions options_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::map<std::string, Kept> files_;           // by company and recipe
  std::map<std::string, unsigned> of_company_;  // being made, or waiting to be
  std::deque<Job> queue_;
  bool ending_ = false;
  ThreadGroup threads_{[this] { ask_to_end(); }};  // last: they use all of the above
};

}  // namespace matricula::dataapi
