#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "auth/callers/principal.h"
#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

// Counts the use of tokens in memory, so that no request waits for a write: the time of the last
// use and the numbers of answered and refused requests by day, for the token, for the company that
// it was used for, and there for each endpoint. One object for each thread that counts, so that a
// flush is the only moment at which its lock is contended.
class UseCounter {
 public:
  explicit UseCounter(const Clock& clock) : clock_(clock) {}
  // Counts one answered request by a token to an endpoint (its name in addresses); `company_header`
  // is its X-Company-Id. Principals that are no token are not counted. A request with a
  // credential's secret itself is counted as one with a token of the credential. A
  // request by a token of several companies that names none of them is counted for the token alone;
  // one without an endpoint is not counted by endpoint.
  void count(const Principal& principal, std::optional<std::string_view> company_header,
             std::string_view endpoint = {});
  // The same for a request that a rate limit refused: it does not move the time of the last use.
  void count_refused(const Principal& principal, std::optional<std::string_view> company_header,
                     std::string_view endpoint = {});
  // Writes what all counters counted since the last flush, in one transaction, or none where there
  // is nothing to write. Where the store fails, the first counter keeps the sums for the next
  // flush; waits for other writers as Database::write() does. Called about every 15 seconds and at
  // the end.
  static Result<void> flush_all(std::span<UseCounter* const> counters, storage::Database& database,
                                std::chrono::nanoseconds wait_until = storage::kNoDeadline);

 private:
  struct Use {
    Timestamp last = 0;  // 0: not used, only refused
    std::int64_t count = 0;
    std::int64_t refused = 0;
  };
  struct Key {
    Uuid token;  // nil: the request brought the credential's secret itself
    std::optional<Uuid> credential = {};
    std::int64_t day = 0;  // days since 1970-01-01
    std::string company;   // empty: none
    std::string endpoint = {};
    bool operator==(const Key&) const = default;
  };
  struct HashKey {
    std::size_t operator()(const Key& key) const;
  };
  using Uses = std::unordered_map<Key, Use, HashKey>;

  Use& use_of(const Principal& principal, std::optional<std::string_view> company_header,
              std::string_view endpoint, Timestamp now);
  static Result<void> write(storage::Session& transaction, const Uses& uses);
  static void add(const Uses& more, Uses& uses);

  const Clock& clock_;
  std::mutex mutex_;
  Uses uses_;
};

// Notes that a credential was used for a company at that time, unless a later use is known.
Result<void> note_last_use(storage::Session& transaction, const Uuid& credential_id,
                           std::string_view company_id, Timestamp at);

// How often a token was used on a day (UTC), written so far.
struct DayOfUse {
  Timestamp day = 0;  // its midnight
  std::int64_t uses = 0;
};
// Oldest first.
Result<std::vector<DayOfUse>> read_uses(storage::Session& reader, const Uuid& token_id);

}  // namespace matricula::auth
