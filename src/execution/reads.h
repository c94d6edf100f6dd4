#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "planning/plan.h"
#include "sql/relation.h"
#include "storage/database.h"
#include "storage/list_reader.h"
#include "storage/memory_lists.h"
#include "storage/session_scope.h"
#include "storage/snapshot.h"

namespace matricula::execution {

// What is read by a run: the tables of one session, and the lists that are in memory. Decides
// which of them has a list, and in which snapshot. One thread at a time.
class Reads {
 public:
  // All must outlive it; `memory` is null where no lists are in memory.
  Reads(storage::Session& session, storage::TableReader& tables, storage::MemoryLists* memory)
      : session_(session), tables_(tables), memory_(memory) {}

  // A run for one company, or for none. Its end takes out of the session what it has set there,
  // also where memory runs out.
  class Run {
   public:
    Run(Reads& reads, std::string_view company)
        : tenant_(storage::scope_to_tenant(reads.session_, company)), reads_(reads) {}
    ~Run() { reads_.end(); }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

   private:
    storage::TenantScope tenant_;  // first: the snapshot ends before it
    Reads& reads_;
  };

  // To be called before lists are read, and before the snapshot. Reads of memory fail with kTimeout
  // past `deadline` (Clock::monotonic).
  void begin(std::chrono::nanoseconds deadline);
  Result<void> begin_snapshot();
  bool in_snapshot() const { return snapshot_ != nullptr; }

  storage::TableReader& tables() { return tables_; }

  // A list, and what must hold for a company to read it.
  struct GuardedList {
    const sql::Relation& relation;
    std::string_view company;
    const planning::Guard* guard = nullptr;  // null for none
    std::string_view guarded = {};           // the guard's value
  };

  // Who reads the list: memory where it has it, else tables(). Begins a snapshot where the guard
  // has to be looked up. Null where the guard refuses.
  Result<storage::ListReader*> reader_of(const GuardedList& list);

  // The statement by which memory finds out whether it has the list's newest state; nullopt where
  // it sends none.
  std::optional<storage::UnsentStatement> state_statement(const GuardedList& list);

  // Memory, by the rows of that statement. kUnavailable where more has to be read.
  Result<storage::ListReader*> reader_by(storage::Rows& rows, const GuardedList& list);

  // Whether the guard finds a row of the company.
  Result<bool> passes(const planning::Guard& guard, std::string_view company,
                      std::string_view value);

  // The version of the records that the snapshot shows; nullopt where no lists are in memory.
  Result<std::optional<storage::RecordsVersion>> version(std::string_view company);

 private:
  Result<storage::HeldList*> hold(const GuardedList& list);
  const storage::Statement& guard_statement(std::string_view text);
  void end() noexcept;

  storage::Session& session_;
  storage::TableReader& tables_;
  storage::MemoryLists* memory_;
  storage::SnapshotHandle snapshot_;  // null where there is none
  std::vector<std::unique_ptr<storage::Statement>> guards_;
};

}  // namespace matricula::execution
