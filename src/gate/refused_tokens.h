#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

namespace matricula::gate {

// Authorization fields whose API token was not found lately, so that a flood of them does not ask
// the store each time. A token's text is random and shown only when it is stored, so that what was
// not found does not come to be soon; tokens that ended are not held here. Never holds a token:
// entries are found by a SipHash under a key that this object made for itself. Of bounded size: a
// newer entry replaces an older one. Safe to call from any thread.
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
  using Tag = std::array<unsigned char, 16>;
  struct Entry {
    Tag tag = {};
    Time until{0};
  };
  Tag tag_of(std::string_view authorization) const;
  static std::size_t place_of(const Tag& tag);

  std::array<unsigned char, 16> key_ = {};
  std::atomic<Time::rep> last_until_{0};  // of all entries, so that most requests need no lock
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
};

}  // namespace matricula::gate
