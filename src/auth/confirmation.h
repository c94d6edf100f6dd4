#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "ratelimit/limiter.h"
#include "storage/database.h"

namespace matricula::auth {

// What a node remembers of a caller, put to a shared store ahead of the request's first statement:
// whether the store is still of the generation in which the caller was read, and, if so, whether
// one more request is within the limit, which is then counted. Both in one statement, so that
// nothing is counted for a caller whose rights may have changed since. A request costs one journey
// in place of three.
//
// One request's; it stays where it is made.
class Confirmation {
 public:
  // The statements that ask. They are made for one store, and outlive what they ask.
  class Texts {
   public:
    explicit Texts(const storage::Database& database);

   private:
    friend class Confirmation;
    storage::Statement generation_;
    storage::Statement count_;
  };

  struct Claim {
    std::uint64_t generation;
    ratelimit::Identity identity;
    std::uint32_t limit;  // requests in `window`, 0 for any number
    std::chrono::microseconds window;
  };
  Confirmation(const Texts& texts, const Claim& claim);
  Confirmation(const Confirmation&) = delete;
  Confirmation& operator=(const Confirmation&) = delete;

  const storage::Preface& preface() const { return preface_; }

  // kUnknown until the store was asked. After kDenied, it is to be found out what does not hold:
  // the generation, or the limit, or nobody of this identity was counted before.
  enum class State : std::uint8_t { kUnknown, kDenied, kConfirmed };
  State state() const { return state_; }
  // Of a confirmed request.
  const ratelimit::Decision& decision() const { return decision_; }

 private:
  Result<void> judge(storage::Rows& rows);

  const ratelimit::Identity identity_;
  State state_ = State::kUnknown;
  ratelimit::Decision decision_ = {};
  const std::array<storage::Bind, 4> binds_;
  const storage::Preface preface_;
};

}  // namespace matricula::auth
