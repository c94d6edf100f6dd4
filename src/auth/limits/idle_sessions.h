#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

// Sessions of a store for callers that need one for a moment each: as many as are used at once, and
// each is kept for the next caller. Safe to call from any thread.
class IdleSessions {
  struct GiveBack {
    IdleSessions* sessions;
    void operator()(storage::Session* session) const noexcept { sessions->give_back(session); }
  };

 public:
  // Is given back when it ends; must not outlive the sessions.
  using Lease = std::unique_ptr<storage::Session, GiveBack>;

  // `database` must outlive it.
  explicit IdleSessions(storage::Database& database) : database_(database) {}
  ~IdleSessions() = default;
  IdleSessions(const IdleSessions&) = delete;
  IdleSessions& operator=(const IdleSessions&) = delete;

  // A session of Database::open_access_session(). Fails where a new one cannot be opened.
  Result<Lease> take();

 private:
  void give_back(storage::Session* session) noexcept;

  storage::Database& database_;
  std::mutex mutex_;  // guards the next two
  std::vector<std::unique_ptr<storage::Session>> idle_;
  std::size_t opened_ = 0;  // idle_ has room for so many, so that none is lost to a lack of memory
};

}  // namespace matricula::auth
