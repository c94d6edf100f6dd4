#include "readmodel/company_list.h"

namespace matricula::readmodel {

std::pair<std::shared_ptr<const PublishedState>, std::uint64_t> CompanyList::read() {
  const std::lock_guard lock(mutex);
  return {state, version.load(std::memory_order_relaxed)};
}

std::shared_ptr<const PublishedState> CompanyList::publish(
    std::shared_ptr<const PublishedState> next) {
  const std::uint64_t next_bytes = next == nullptr ? 0 : next->snapshot->bytes();
  const std::lock_guard lock(mutex);
  if (next != nullptr && state != nullptr && state->epoch == next->epoch &&
      state->sequence > next->sequence && !state->snapshot->is_fragmented()) {
    return next;
  }
  bytes.store(next_bytes, std::memory_order_relaxed);
  std::swap(state, next);
  version.fetch_add(1, std::memory_order_release);
  return next;
}

}  // namespace matricula::readmodel
