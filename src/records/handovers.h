#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::records {

// A record that waits for a value which must be unique and which another record still has.
struct WaitingRecord {
  std::uint64_t tag = 0;  // of the caller: the line
  Timestamp now = 0;
  std::vector<std::string> values;  // of the entity's fields, all of which are texts or bytes
};

// The table whose records a Handovers puts.
class HandoverTable {
 public:
  virtual ~HandoverTable() = default;
  // Puts the record; the conflict where its unique value is still another's, and nothing was
  // changed.
  virtual Result<std::optional<Error>> try_put(storage::Session& session,
                                               const WaitingRecord& record) = 0;
  // The key of the record that has the unique value which `record` asks for; empty for none.
  virtual Result<std::string> owner(storage::Session& session, const WaitingRecord& record) = 0;
  // Makes the unique value of the record with this key free. A put of that record follows.
  virtual Result<void> release(storage::Session& session, std::string_view key) = 0;
};

// Records of one file whose e-mail address or slug is still that of another record. Uniqueness is
// required of the state after the file, whatever the order of its lines: two records may exchange
// values, or pass them on. Of several lines for one key the last that can be put counts. For one
// transaction and one thread; bounded by kHandoversMax lines.
class Handovers {
 public:
  // Reports the outcome of a waiting record: put, or refused because another record has the value.
  using Settle = std::function<Result<void>(const WaitingRecord& record, bool is_put)>;

  bool is_empty() const { return waiting_.empty(); }
  // False where kHandoversMax lines wait already.
  bool add(std::string_view key, WaitingRecord record);
  // A later line put or deleted the record of this key: lines that wait for it are void.
  Result<void> supersede(std::string_view key, const Settle& settle);
  // Puts what can be put, at the end of the file. A conflict for which no other record has the
  // value ends it: waiting would have no end.
  Result<void> finish(storage::Session& session, HandoverTable& table, const Settle& settle);

 private:
  using Waiting = std::map<std::string, std::vector<WaitingRecord>, std::less<>>;

  std::vector<std::string> keys_by_tag() const;
  Result<void> put_free(storage::Session& session, HandoverTable& table, const Settle& settle);
  Result<void> follow(storage::Session& session, HandoverTable& table, const Settle& settle,
                      const std::string& start);
  Result<void> rotate(storage::Session& session, HandoverTable& table, const Settle& settle,
                      const std::vector<std::string>& cycle);
  Result<void> refuse(const std::string& key, const Settle& settle);

  Waiting waiting_;  // by key, each in the order of lines
  std::size_t count_ = 0;
};

}  // namespace matricula::records
