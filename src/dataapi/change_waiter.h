#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "records/change_reader.h"
#include "storage/database.h"

namespace matricula::dataapi {

// The most requests that may wait for changes at once.
inline constexpr std::size_t kWaitsMax = 10'000;

// Notifies requests when their company has changes, written by any process: one thread polls the
// store's generation while a request waits, and reads the companies' sequences only when that has
// changed. A client that closes its half of the connection waits on: it cannot be told from one
// that has gone, and a request that waits costs little. Safe to call from any thread.
class ChangeWaiter {
 public:
  struct Wait {
    std::string company;
    std::int64_t seen = 0;  // the last number that the request has read
    std::string epoch = {};
    std::chrono::nanoseconds until{0};  // Clock::monotonic()
    // Called once, on the waiter's thread: there are changes, or the time is over.
    std::function<void()> then;
  };

  // All must outlive it.
  ChangeWaiter(storage::Database& database, const Clock& clock, Logger& logger);
  ~ChangeWaiter();
  ChangeWaiter(const ChangeWaiter&) = delete;
  ChangeWaiter& operator=(const ChangeWaiter&) = delete;

  // False, without a call of `then`, where too many wait or after release_all().
  [[nodiscard]] bool add(Wait wait);
  // Ends all waits as if the time were over; add() refuses all requests afterwards.
  void release_all();
  // How many requests wait.
  std::size_t count() const;

 private:
  struct Entry {
    Wait wait;
    bool is_new = true;  // there may be changes since the request read `seen`
  };
  // The last number and the epoch of companies that requests wait for.
  using States = std::map<std::string, Result<std::optional<records::SequenceState>>>;

  void work();
  void look();
  Result<bool> has_moved();
  std::vector<std::string> companies(bool all);
  States read_states(const std::vector<std::string>& companies);
  std::vector<Entry> take_ready(const States& states);

  storage::Database& database_;
  const Clock& clock_;
  Logger& logger_;
  std::unique_ptr<storage::Session> session_;  // of the thread
  std::uint64_t generation_ = 0;               // likewise
  bool is_store_away_ = false;                 // likewise
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Entry> waiting_;
  bool releasing_ = false;
  bool ending_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace matricula::dataapi
