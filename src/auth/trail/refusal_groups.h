#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "auth/trail/audit.h"
#include "base/clock.h"

namespace matricula::auth {

// How many groups are kept of callers without an identity, and as many of others: a flood by
// strangers does not crowd out what known callers attempt.
inline constexpr std::size_t kRefusalGroupsMax = 1'000;
// How many groups of one caller, address and action differ by target and companies.
inline constexpr std::size_t kRefusalTargetsMax = 10;
// The longest pause between two lines of one group.
inline constexpr std::chrono::seconds kRefusalPauseMax{60};

// Refused attempts in groups: attempts of one caller from one address (of IPv6: one /64) with one
// action and target become one line with their number and the times of the first and the last. The
// first line of a group is due at once, the next ones after 2, 4, 8, ... and at most
// kRefusalPauseMax. Past the bounds above, attempts are counted without their target, or without
// their address. One thread at a time.
class RefusalGroups {
 public:
  using Nanoseconds = std::chrono::nanoseconds;
  struct Line {
    std::string key;           // of its group
    std::uint64_t number = 0;  // of its first attempt, in the order of attempts
    AuditRow row = {};
  };

  // `row` is one attempt; `now` is Clock::monotonic().
  void add(AuditRow row, Nanoseconds now);
  // The lines that are due, or all of them. Groups without new attempts are dropped when their next
  // line would be due.
  std::vector<Line> take(Nanoseconds now, bool all);
  // Takes back lines that could not be written; they are due again at once.
  void put_back(const std::vector<Line>& lines);

 private:
  struct Group {
    std::string family;  // the key without target and companies
    bool is_known = false;
    AuditRow row = {};         // `attempts` since the last line; 0 for none
    std::uint64_t number = 0;  // of the first of them
    Nanoseconds due{0};        // the next line
    Nanoseconds pause{0};      // from that line to the one after
  };

  Group& group_of(AuditRow& row, Nanoseconds now);
  Group* find(const std::string& key);
  static void merge(const AuditRow& more, AuditRow& row);

  std::unordered_map<std::string, Group> groups_;
  std::unordered_map<std::string, std::size_t> targets_;  // how many groups a family has
  std::uint64_t attempts_ = 0;
  std::size_t known_ = 0;  // groups of callers with an identity
};

}  // namespace matricula::auth
