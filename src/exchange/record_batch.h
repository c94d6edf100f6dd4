#pragma once

#include <cstdint>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "exchange/line_outcomes.h"
#include "exchange/record.h"
#include "records/entities.h"
#include "records/entity_writer.h"
#include "records/staging_table.h"
#include "storage/database.h"

namespace matricula::exchange {

// Puts the records of a file into the store: one by one, or, where the session copies rows and the
// entity is one of the large ones, many at once. The outcome of each is the same either way:
// waiting records are put before a record that could depend on one of them, which is a deletion or
// one that shares a key with a waiting record.
//
// For one file's transaction; one thread at a time. Memory is bounded by kBatchRecordsMax and
// kBatchBytesMax, and the longest line.
class RecordBatch {
 public:
  // All but `dialect` must outlive it.
  RecordBatch(const records::Entity& entity, sql::Dialect dialect, records::ChangeLog& changes,
              LineOutcomes& outcomes,
              records::BroughtTimes times = records::BroughtTimes::kNotBeforeMoves);
  // Puts the record of a line, or keeps it waiting. `now` is its time if it has none. Errors are
  // those of the store, and end the transaction.
  Result<void> take(storage::Session& session, std::uint64_t line, const Record& record,
                    Timestamp now);
  // After the last line: puts all waiting records, and reports the outcome of deferred ones.
  Result<void> finish(storage::Session& session);

 private:
  Result<void> flush(storage::Session& session);
  struct Waiting {
    std::uint64_t line;
    Timestamp now;
  };

  std::span<const storage::Bind> values_of(std::size_t place) const;
  storage::Bind kept(const storage::Bind& value);
  std::string_view kept_text(std::string_view text);
  void list_keys(const Record& record);
  bool shares_key() const;
  void add(std::uint64_t line, const Record& record, Timestamp now);
  Result<void> note(std::uint64_t line, const Result<records::Outcome>& outcome);
  Result<void> put_one(storage::Session& session, std::size_t place);
  Result<void> put_all(storage::Session& session);
  Result<void> put_users(storage::Session& session, storage::RowCopier& copier);
  Result<void> put_rows(storage::Session& session, storage::RowCopier& copier);
  Result<bool> stage(storage::Session& session, std::size_t place);
  void clear();

  const records::Entity& entity_;
  LineOutcomes& outcomes_;
  records::EntityWriter writer_;
  records::StagingTable staging_;

  std::vector<Waiting> waiting_;
  std::vector<storage::Bind> values_;         // of those that wait, a row each
  std::pmr::monotonic_buffer_resource kept_;  // texts and bytes of values
  std::size_t kept_bytes_ = 0;
  std::unordered_set<std::string> keys_;  // of those that wait
  std::vector<std::string> new_keys_;     // of the record at hand
  std::vector<storage::Bind> staged_;     // rows for staging_
};

}  // namespace matricula::exchange
