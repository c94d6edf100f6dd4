#pragma once

namespace matricula {

// What waits for something that another thread brings about. wake() may be called from any thread,
// more often than needed, and when nothing waits; it returns at once.
class Waker {
 public:
  virtual ~Waker() = default;
  virtual void wake() = 0;
};

}  // namespace matricula
