#include "spool/budget.h"

#include "base/assert.h"

namespace matricula::spool {
namespace {

bool add_within(std::atomic<std::uint64_t>& count, std::uint64_t bytes, std::uint64_t max) {
  const std::uint64_t before = count.fetch_add(bytes, std::memory_order_relaxed);
  if (before + bytes <= max) {
    return true;
  }
  count.fetch_sub(bytes, std::memory_order_relaxed);
  return false;
}

}  // namespace

Budget::Budget(std::uint64_t bytes_max, std::uint64_t share_max)
    : bytes_max_(bytes_max), share_max_(share_max) {}

bool Budget::take(Owner owner, std::uint64_t bytes) {
  if (bytes > bytes_max_) {
    return false;
  }
  Count& part = parts_[owner % kParts];
  if (!add_within(part, bytes, share_max_)) {
    return false;
  }
  if (add_within(used_, bytes, bytes_max_)) {
    return true;
  }
  part.fetch_sub(bytes, std::memory_order_relaxed);
  return false;
}

void Budget::give_back(Owner owner, std::uint64_t bytes) {
  used_.fetch_sub(bytes, std::memory_order_relaxed);
  const std::uint64_t before = parts_[owner % kParts].fetch_sub(bytes, std::memory_order_relaxed);
  MATRICULA_ASSERT(before >= bytes);
}

bool Budget::has_room(Owner owner, std::uint64_t bytes) const {
  return used() + bytes <= bytes_max_ &&
         parts_[owner % kParts].load(std::memory_order_relaxed) + bytes <= share_max_;
}

Lease& Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    reset();
    budget_ = other.budget_;
    owner_ = other.owner_;
    bytes_ = std::exchange(other.bytes_, 0);
  }
  return *this;
}

Lease::~Lease() {
  reset();
}

bool Lease::resize(std::uint64_t bytes) {
  if (budget_ == nullptr) {
    return true;
  }
  if (bytes > bytes_ && !budget_->take(owner_, bytes - bytes_)) {
    return false;
  }
  if (bytes < bytes_) {
    budget_->give_back(owner_, bytes_ - bytes);
  }
  bytes_ = bytes;
  return true;
}

void Lease::reset() {
  if (bytes_ != 0) {
    budget_->give_back(owner_, bytes_);
  }
  bytes_ = 0;
}

}  // namespace matricula::spool
