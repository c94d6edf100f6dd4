#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace matricula::spool {

// Whose bytes they are: a hash of an identity.
using Owner = std::uint64_t;

// A number of bytes that all threads share, of which one owner may have a part at most. Owners are
// told apart by a table of fixed size: two of a few thousand may share one part.
class Budget {
 public:
  Budget(std::uint64_t bytes_max, std::uint64_t share_max);
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  // Takes nothing and returns false when the sum or the owner's part would pass its bound.
  [[nodiscard]] bool take(Owner owner, std::uint64_t bytes);
  void give_back(Owner owner, std::uint64_t bytes);
  // Whether take() would succeed now.
  bool has_room(Owner owner, std::uint64_t bytes) const;

  std::uint64_t used() const { return used_.load(std::memory_order_relaxed); }
  std::uint64_t bytes_max() const { return bytes_max_; }

 private:
  static constexpr std::size_t kParts = 4'096;
  using Count = std::atomic<std::uint64_t>;

  const std::uint64_t bytes_max_;
  const std::uint64_t share_max_;
  Count used_ = 0;
  std::array<Count, kParts> parts_{};
};

// Bytes taken from a budget, given back by the destructor. One thread at a time; the budget must
// outlive it. A lease without a budget holds nothing, and every resize() succeeds.
class Lease {
 public:
  Lease() = default;
  Lease(Budget* budget, Owner owner) : budget_(budget), owner_(owner) {}
  Lease(Lease&& other) noexcept
      : budget_(other.budget_), owner_(other.owner_), bytes_(std::exchange(other.bytes_, 0)) {}
  Lease& operator=(Lease&& other) noexcept;
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease();

  // Holds `bytes` from now on; unchanged and false when the budget does not have that many more.
  [[nodiscard]] bool resize(std::uint64_t bytes);
  // Gives everything back.
  void reset();
  std::uint64_t bytes() const { return bytes_; }

 private:
  Budget* budget_ = nullptr;
  Owner owner_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace matricula::spool
