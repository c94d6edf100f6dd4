#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

#include "auth/secrets/keyed_hash.h"

namespace matricula::gate {

// Authorization fields whose API token was not found lately, so that a flood of them does not ask
// the store each time. A token is stored before its random text is shown, so one that was not found
// does not begin to exist later; tokens that ended are not held here. Never holds a token: entries
// are found by a KeyedHash. Of bounded size: a newer entry replaces an older one. Safe to call from
// any thread.
class RefusedTokens {
 public:
  using Time = std::chrono::nanoseconds;
  // A store can be filled by a copy of another one: then a token is found no later than this.
  static constexpr std::chrono::seconds kKeptFor{10};

  RefusedTokens();
  // Whether the field was refused within kKeptFor before `now`.
  bool contains(std::string_view authorization, Time now) const;
  void add(std::string_view authorization, Time now);

 private:
  using Tag = auth::KeyedHash::Tag;
  struct Entry {
    Tag tag = {};
    Time until{0};
  };
  static std::size_t place_of(const Tag& tag);

  const auth::KeyedHash hash_;
  std::atomic<Time::rep> last_until_{0};  // of all entries, so that most requests need no lock
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
};

}  // namespace matricula::gate
