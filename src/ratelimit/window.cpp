#include "ratelimit/window.h"

#include <algorithm>

#include "base/assert.h"

namespace matricula::ratelimit {

Nanoseconds Window::at(std::uint32_t index) const {
  MATRICULA_ASSERT(index < count_);
  return ring_ ? ring_[(head_ + index) & (capacity() - 1)] : newest_;
}

void Window::add(Nanoseconds time) {
  const Nanoseconds later = count_ == 0 ? time : std::max(time, newest_);
  if (count_ == capacity()) {
    grow();
  }
  if (ring_) {
    place(count_) = later;
  }
  newest_ = later;
  ++count_;
}

void Window::remove_from(Nanoseconds time) {
  std::uint32_t index = 0;
  while (index < count_ && at(index) < time) {
    ++index;
  }
  if (index == count_) {
    return;
  }
  for (; ring_ && index + 1 < count_; ++index) {
    place(index) = at(index + 1);
  }
  if (--count_ > 0) {
    newest_ = at(count_ - 1);
  }
}

void Window::drop_before(Nanoseconds now, Nanoseconds length) {
  while (count_ > 0 && now - at(0) >= length) {
    head_ = ring_ ? (head_ + 1) & (capacity() - 1) : 0;
    --count_;
  }
  if (count_ == 0) {
    ring_.reset();
    head_ = 0;
  }
}

void Window::grow() {
  const auto bits = static_cast<std::uint8_t>(ring_ ? capacity_bits_ + 1 : 2);
  auto larger = std::make_unique<Nanoseconds[]>(std::size_t{1} << bits);
  for (std::uint32_t i = 0; i < count_; ++i) {
    larger[i] = at(i);
  }
  ring_ = std::move(larger);
  capacity_bits_ = bits;
  head_ = 0;
}

}  // namespace matricula::ratelimit
