#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "auth/callers/principal.h"
#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

// Counts the use of tokens in memory, so that no request waits for a write: lastUsedAt to the
// minute and the numbers of answered and refused requests by day. One object for each thread that
// counts, so that its lock is free but for the moment of a flush.
class UseCounter {
 public:
  explicit UseCounter(const Clock& clock) : clock_(clock) {}
  // One answered request by a token; principals that are no token are not counted.
  void count(const Principal& principal);
  // One request by a token that its rate limit refused: by day only, for it was no use.
  void count_refused(const Principal& principal);
  // Writes what all of them counted since the last flush in one transaction, none if there is
  // nothing. The first keeps it when the store refuses. Called about every 15 seconds and at the
  // end.
  static Result<void> flush_all(std::span<UseCounter* const> counters, storage::Database& database);

 private:
  struct Use {
    Timestamp last = 0;  // 0: not used, only refused
    std::int64_t count = 0;
    std::int64_t refused = 0;
    std::optional<Uuid> credential = {};
  };
  struct Key {
    Uuid token;
    std::int64_t day = 0;  // days since 1970-01-01
    bool operator==(const Key&) const = default;
  };
  struct HashKey {
    std::size_t operator()(const Key& key) const;
  };
  using Uses = std::unordered_map<Key, Use, HashKey>;

  static Result<void> write(storage::Session& transaction, const Uses& uses);
  static void add(const Uses& more, Uses& uses);

  const Clock& clock_;
  std::mutex mutex_;
  Uses uses_;
};

// How often a token was used on a day (UTC), written so far.
struct DayOfUse {
  Timestamp day = 0;  // its midnight
  std::int64_t uses = 0;
};
// Oldest first.
Result<std::vector<DayOfUse>> read_uses(storage::Session& reader, const Uuid& token_id);

}  // namespace matricula::auth
