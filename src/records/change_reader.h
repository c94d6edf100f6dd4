#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "records/entities.h"
#include "storage/database.h"

namespace matricula::records {

// The state of a company's change sequence. Read it, and what follows it, in one snapshot.
struct SequenceState {
  std::int64_t last = 0;    // of the last change; 0 for none
  std::int64_t oldest = 0;  // the low watermark: deletes after an earlier position are not kept
  std::string epoch;        // of the sequence; positions of another epoch are void
};

// Gives the state of the sequence of company ?1 in one row; no row where there is no such company.
const storage::Statement& sequence_statement(sql::Dialect dialect);
// Reads it from rows of that statement.
Result<std::optional<SequenceState>> read_sequence(storage::Rows& rows);
// nullopt where there is no such company.
Result<std::optional<SequenceState>> read_sequence(storage::Session& session,
                                                   std::string_view company);

// The number of the last change of each table, deletes included; the index is the EntityId.
using TableSequences = std::array<std::int64_t, kEntityCount>;
Result<TableSequences> read_table_sequences(storage::Session& session, std::string_view company);
// The same of one table.
Result<std::int64_t> read_table_sequence(storage::Session& session, std::string_view company,
                                         EntityId entity);

// The number of the last delete of the company that is kept; 0 for none.
Result<std::int64_t> read_last_delete(storage::Session& session, std::string_view company);
// When a number of the company's sequence was given; nullopt where that is not known.
Result<std::optional<Timestamp>> read_change_time(storage::Session& session,
                                                  std::string_view company, std::int64_t sequence);

// A row of a company as it is now, or the key of one that is gone.
struct Change {
  const Entity* entity = nullptr;
  std::int64_t sequence = 0;
  Timestamp changed_at = 0;
  bool is_deletion = false;
  // Of entity->fields; of a deletion the key fields alone, the others null. Borrowed until the next
  // call of next().
  std::span<const storage::Bind> values;
};

// Which of a company's changes to read.
struct ChangeScope {
  std::string_view company;
  std::span<const EntityId> tables;
  std::int64_t after = 0;                         // rows with greater numbers; 0: all there are
  std::optional<std::int64_t> deletes_after = 0;  // deletes with greater numbers; nullopt: none
};

// Reads what has changed in a company's tables since a number, in the order of the sequence: each
// record once, at its last change. Memory does not grow with what there is to read. One thread at a
// time, in one snapshot of the session.
class ChangeReader {
 public:
  // `session` must outlive it; the texts of `scope` need not.
  ChangeReader(storage::Session& session, const ChangeScope& scope);
  // Moves to the next change; false after the last.
  Result<bool> next();
  const Change& change() const { return change_; }

 private:
  struct Stream {
    const Entity* entity = nullptr;  // null: the deletes of all tables
    storage::RowsHandle rows;
    std::size_t rows_read = 0;
    std::int64_t sequence = 0;  // of the current row
    bool is_done = false;
  };

  Result<void> advance(Stream& stream);
  Result<void> take_row(Stream& stream);
  void take_deletion(const Stream& stream);
  Result<void> find_time();
  bool is_asked_for(const storage::Rows& deletion) const;

  storage::Session& session_;
  const std::string company_;
  std::vector<Stream> streams_;
  std::array<bool, kEntityCount> tables_ = {};
  bool has_begun_ = false;
  Stream* current_ = nullptr;
  Change change_;
  std::array<storage::Bind, kFieldsMax> values_;
  std::array<std::array<std::byte, 16>, kFieldsMax> uuids_;
  std::int64_t time_up_to_ = -1;  // changed_at holds for numbers up to here
};

}  // namespace matricula::records
