#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sql/relation.h"
#include "storage/database.h"
#include "storage/list_reader.h"

namespace matricula::storage {

// A version of a company's records: reads at one version give the same rows.
struct RecordsVersion {
  std::int64_t sequence = 0;
  std::string epoch = {};
  bool operator==(const RecordsVersion&) const = default;
};

// A list in memory, in the state that a request holds: all its reads see that state, and need no
// snapshot. All of them have one scope.
class HeldList : public ListReader {
 public:
  // Whether a guard (a statement about the company's records, with one value) is known to find a
  // row in this state.
  virtual bool passes_guard(std::string_view text, std::string_view value) = 0;
  // Notes that a guard found a row in the snapshot in which the list was held.
  virtual void note_guard(std::string_view text, std::string_view value) = 0;
};

// The lists of companies that are in memory, and that are as new as the store. Where a list is not,
// tables are to be read. One thread at a time.
class MemoryLists {
 public:
  virtual ~MemoryLists() = default;
  // To be called for each request. Reads fail with kTimeout where they run past `deadline`
  // (Clock::monotonic).
  virtual void begin(std::chrono::nanoseconds deadline) = 0;
  // To be called after each request: releases what it held.
  virtual void end() = 0;
  // The newest state of the list, or the one that the session's snapshot sees; null where it is not
  // in memory. It is held until the next call of this, hold_by(), begin() or end().
  virtual Result<HeldList*> hold(const sql::Relation& relation, std::string_view company,
                                 bool in_snapshot) = 0;
  // The first statement of a hold() outside of a snapshot; nullopt where it would send none.
  virtual std::optional<UnsentStatement> hold_statement(const sql::Relation& relation,
                                                        std::string_view company) = 0;
  // As hold(), with the rows of that statement. Sends nothing: null where more has to be read.
  virtual Result<HeldList*> hold_by(Rows& rows, const sql::Relation& relation,
                                    std::string_view company) = 0;
  // The version that the session's snapshot sees; nullopt for a company that has none.
  virtual Result<std::optional<RecordsVersion>> version(std::string_view company) = 0;
};

}  // namespace matricula::storage
