#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "auth/limits/limit_clock.h"
#include "ratelimit/limiter.h"
#include "storage/database.h"

namespace matricula::auth {

// A claim about a cached caller, which a shared store has to confirm: the store's generation is
// still the one in which the caller was read, and one more request is within the limit.
class Confirmation {
 public:
  struct Claim {
    std::uint64_t generation;
    ratelimit::Identity identity;
    std::uint32_t limit;  // requests in the window, 0 for any number
  };
  explicit Confirmation(const Claim& claim) : claim_(claim), decision_{.limit = claim.limit} {}

  // kUnknown until the store was asked. kDenied: the cached caller is stale or the limit is
  // reached; the stages that do not use the cache find out which.
  enum class State : std::uint8_t { kUnknown, kDenied, kConfirmed };
  State state() const { return state_; }
  // Of a confirmed request, which was counted.
  const ratelimit::Decision& decision() const { return decision_; }

 private:
  friend class ConfirmationBatch;
  Claim claim_;
  State state_ = State::kUnknown;
  ratelimit::Decision decision_;
};

// Revalidates the cached callers of one request or several, and counts their requests, in one
// statement that is pipelined ahead of their first statements: one round trip in place of three, or
// less in a batch. Nothing is counted for a caller whose rights may have changed since.
//
// Requests of one identity are admitted together or not at all. Where they are not, each is counted
// alone afterwards.
class ConfirmationBatch {
 public:
  // The statements of one store. They outlive all batches.
  class Texts {
   public:
    // `time` must outlive it.
    Texts(const storage::Database& database, std::chrono::microseconds window,
          const LimitClock& time);

   private:
    friend class ConfirmationBatch;
    storage::Statement generation_;
    storage::Statement count_;
    std::int64_t window_us_;
    const LimitClock& time_;
  };

  explicit ConfirmationBatch(const Texts& texts) : texts_(texts) {}
  ConfirmationBatch(const ConfirmationBatch&) = delete;
  ConfirmationBatch& operator=(const ConfirmationBatch&) = delete;

  // `confirmation` must outlive the batch.
  void add(Confirmation& confirmation);
  // The statement for all that were added; called once, after the last add(). Its check fails where
  // none is confirmed. The batch owns it.
  const storage::GuardStatement& guard();

 private:
  using Group = std::span<Confirmation*>;  // of one identity

  std::vector<Group> groups();
  Result<void> check(storage::Rows& rows);
  static std::uint32_t limit_of(Group group);
  static void confirm(Confirmation& confirmation, std::int64_t made);
  static storage::Bytes digest_of(const Confirmation& confirmation);

  const Texts& texts_;
  std::vector<Confirmation*> all_;
  std::uint64_t generation_ = 0;  // the newest that was claimed
  std::vector<Group> counted_;
  std::string identities_;
  std::string limits_;
  std::string counts_;
  std::vector<storage::Bind> binds_;
  std::optional<storage::GuardStatement> guard_;
};

}  // namespace matricula::auth
