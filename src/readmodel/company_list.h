#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "readmodel/store_rows.h"

namespace matricula::readmodel {

// A state that requests read from. Immutable but for `generation`.
struct PublishedState : StoredState {
  // The even generation of the store in which this was the newest state; odd where it is unknown.
  mutable std::atomic<std::uint64_t> generation{1};
};

// One list of one company.
struct CompanyList {
  std::size_t list = 0;  // in ReadModel's relations
  std::string company;

  // The newest state in memory, with a number that rises with each.
  std::mutex mutex;
  std::shared_ptr<const PublishedState> state;
  std::atomic<std::uint64_t> version{0};

  std::atomic<std::uint64_t> used_at{0};   // ReadModel::ticks() at its last use
  std::atomic<bool> is_requested{false};   // whether it waits to be loaded or refreshed
  std::atomic<bool> is_refreshed{false};   // whether a request refreshes it now
  std::atomic<std::uint64_t> retry_at{0};  // before this tick it is not loaded
  std::atomic<std::uint64_t> bytes{0};

  // The state and its version. Takes the lock.
  std::pair<std::shared_ptr<const PublishedState>, std::uint64_t> read();
  // Replaces the state, by null for none, unless there is a newer one that need not be loaded anew.
  // Returns the state that is not used any more: the old one, or `state`.
  std::shared_ptr<const PublishedState> publish(std::shared_ptr<const PublishedState> next);
};

}  // namespace matricula::readmodel
