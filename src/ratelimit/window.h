#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

namespace matricula::ratelimit {

using Nanoseconds = std::chrono::nanoseconds;

// The times of one identity's admitted requests, oldest first, in a ring that grows by doubling.
// A single time needs no ring. Times never go back: an earlier one counts as the newest.
class Window {
 public:
  std::uint32_t count() const { return count_; }
  // Precondition: count() > 0.
  Nanoseconds newest() const { return newest_; }
  // Precondition: index < count(); 0 is the oldest.
  Nanoseconds at(std::uint32_t index) const;
  void add(Nanoseconds time);
  // Removes the oldest time that is not before `time`, if there is one.
  void remove_from(Nanoseconds time);
  // Drops the times that are `length` or longer ago.
  void drop_before(Nanoseconds now, Nanoseconds length);

 private:
  Nanoseconds& place(std::uint32_t index) { return ring_[(head_ + index) & (capacity() - 1)]; }
  std::uint32_t capacity() const { return ring_ ? std::uint32_t{1} << capacity_bits_ : 1; }
  void grow();

  std::unique_ptr<Nanoseconds[]> ring_;  // null while at most one time is kept
  Nanoseconds newest_{0};
  std::uint32_t head_ = 0;
  std::uint32_t count_ = 0;
  std::uint8_t capacity_bits_ = 0;
};

}  // namespace matricula::ratelimit
