#include "dataapi/change_waiter.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/within_memory.h"
#include "dataapi/company_snapshot.h"

namespace matricula::dataapi {
namespace {

// How often the generation is read while a request waits: in memory, or by one statement over
// the network.
constexpr std::chrono::milliseconds kLocalPeriod{20};
constexpr std::chrono::milliseconds kSharedPeriod{250};

}  // namespace

ChangeWaiter::ChangeWaiter(storage::Database& database, const Clock& clock, Logger& logger)
    : database_(database), clock_(clock), logger_(logger), thread_([this] { work(); }) {}

ChangeWaiter::~ChangeWaiter() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

bool ChangeWaiter::add(Wait wait) {
  const std::lock_guard lock(mutex_);
  if (releasing_ || waiting_.size() >= kWaitsMax) {
    return false;
  }
  waiting_.push_back({.wait = std::move(wait)});
  wake_.notify_all();
  return true;
}

void ChangeWaiter::release_all() {
  {
    const std::lock_guard lock(mutex_);
    releasing_ = true;
  }
  wake_.notify_all();
}

std::size_t ChangeWaiter::count() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

void ChangeWaiter::work() {
  const auto period = database_.is_shared() ? kSharedPeriod : kLocalPeriod;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
      wake_.wait_for(lock, period, [this] { return ending_ || releasing_; });
      if (ending_) {
        return;
      }
    }
    // What did not find memory is asked again after the next period.
    run_within_memory([this] { look(); });
  }
}

void ChangeWaiter::look() {
  const Result<bool> moved = has_moved();
  if (!moved && !std::exchange(is_store_away_, true)) {
    logger_.log(LogLevel::kWarning, "the store cannot be asked for changes; asking on",
                {{"error", moved.error().message}, {"internal", moved.error().internal}});
  }
  is_store_away_ = is_store_away_ && !moved;
  const States states = moved ? read_states(companies(*moved)) : States();
  for (Entry& entry : take_ready(states)) {
    call_last_within_memory(entry.wait.then);
  }
}

// Whether there may have been a write since the last call.
Result<bool> ChangeWaiter::has_moved() {
  if (session_ == nullptr) {
    MATRICULA_TRY(session_, database_.open_reader());
  }
  MATRICULA_TRY(const std::uint64_t generation, database_.read_generation(*session_));
  // An odd generation: a commit is under way, after which it changes again.
  return std::exchange(generation_, generation) != generation || generation % 2 != 0;
}

// The companies that requests wait for: all, or those of new requests alone.
std::vector<std::string> ChangeWaiter::companies(bool all) {
  const std::lock_guard lock(mutex_);
  std::set<std::string> names;
  for (Entry& entry : waiting_) {
    if (all || entry.is_new) {
      names.insert(entry.wait.company);
    }
    entry.is_new = false;
  }
  return {names.begin(), names.end()};
}

ChangeWaiter::States ChangeWaiter::read_states(const std::vector<std::string>& companies) {
  States states;
  for (const std::string& company : companies) {
    states.emplace(company, current_sequence(*session_, company));
  }
  return states;
}

// Removes the requests whose company has changes, whose company cannot be read, or whose time is
// over.
std::vector<ChangeWaiter::Entry> ChangeWaiter::take_ready(const States& states) {
  const std::chrono::nanoseconds now = clock_.monotonic();
  const std::lock_guard lock(mutex_);
  const auto is_waiting = [&](const Entry& entry) {
    if (releasing_ || now >= entry.wait.until) {
      return false;
    }
    const auto found = states.find(entry.wait.company);
    if (found == states.end()) {
      return true;
    }
    const auto& state = found->second;
    return state && *state && (*state)->last <= entry.wait.seen &&
           (*state)->epoch == entry.wait.epoch;
  };
  const auto ready = std::partition(waiting_.begin(), waiting_.end(), is_waiting);
  std::vector<Entry> taken(std::make_move_iterator(ready), std::make_move_iterator(waiting_.end()));
  waiting_.erase(ready, waiting_.end());
  return taken;
}

}  // namespace matricula::dataapi
