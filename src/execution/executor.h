#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "execution/bound_plan.h"
#include "execution/connection_runner.h"
#include "execution/limits.h"
#include "execution/object_list_writer.h"
#include "execution/reads.h"
#include "execution/row_writer.h"
#include "planning/plan.h"
#include "storage/database.h"
#include "storage/list_reader.h"
#include "storage/memory_lists.h"

namespace matricula::execution {

// Runs a domain's command (planning::CommandRoot) and gives the field's value as JSON text.
using CommandRunner =
    std::function<Result<std::string>(unsigned command, const Arguments& arguments)>;

// The first statement of a plan, where no other one follows it.
struct FirstRead {
  enum class Gives : std::uint8_t {
    kAll,        // all rows that the plan reads
    kListState,  // the newest state of a list in memory
  };
  Gives gives = Gives::kAll;
  storage::UnsentStatement statement;  // borrowed until the executor's next call
};

// The rows of that statement.
struct FirstRows {
  FirstRead::Gives gives = FirstRead::Gives::kAll;
  Result<storage::RowsHandle> rows;
};

// One run of a plan. All that it borrows outlives the run.
struct ExecutionRequest {
  const BoundPlan& plan;
  std::string_view company = {};            // whose lists are read; empty for none
  const CommandRunner* commands = nullptr;  // null where the endpoint has none
  AnswerBounds bounds = {};                 // `bytes_max` within that of the executor's limits
  FirstRows* first = nullptr;               // of first_read(), where that was sent before
};

// How an execution ended, for status, log and metrics; the answer is complete either way. Errors
// beside data, which only introspection has, are none.
struct ExecutionOutcome {
  spool::StoredBytes answer = {};
  bool failed = false;
  ErrorCode code = ErrorCode::kInternal;  // of the first error
  std::string internal = {};              // for the log
};

// What an executor reads from.
struct ExecutionSources {
  storage::Session& session;
  storage::TableReader& tables;            // in that session
  storage::MemoryLists* memory = nullptr;  // null: all lists are read from tables
  // The values of lists that are read whole; null: they are read for each request.
  ColumnCache* columns = nullptr;
};

// Runs plans over one session. Keeps its buffers; one thread at a time.
class Executor {
 public:
  // All but `places` must outlive it.
  Executor(const ExecutionSources& sources, const Clock& clock, const ExecutionLimits& limits,
           AnswerPlaces places = {})
      : reads_(sources.session, sources.tables, sources.memory),
        limits_(limits),
        answer_(clock, std::move(places)) {
    if (sources.columns != nullptr) {
      object_lists_.emplace(sources.tables, *sources.columns, clock);
    }
  }

  // The statement that run() would send for the company, if that is the only one; nullopt where it
  // may send more, or none. A run() with the rows of this statement sends none: where they turn out
  // not to be enough, it fails with kUnavailable.
  std::optional<FirstRead> first_read(const BoundPlan& plan, std::string_view company);

  // Whether run() is expected to send one statement that visits few rows. Does not ask the store.
  bool is_short(const BoundPlan& plan, std::string_view company);

  // ExecuteRequest (GraphQL, section 6): the whole answer, {"data":...} or
  // {"errors":[...],"data":null}. All root fields read one state of the store. Every root field of
  // our schemas is non-null, so an error leaves no data (section 6.4.4); the root fields after a
  // failed one are not run. Errors of nullable fields of introspection follow the data. Where
  // memory runs out, the answer is the error kUnavailable.
  ExecutionOutcome run(const ExecutionRequest& request);

 private:
  // What the current error belongs to.
  struct ErrorPlace {
    const planning::RootEntry* root = nullptr;      // null before the first of them
    std::vector<graphql::Location> locations = {};  // empty: those of the root field
    std::string path = {};                          // as JSON; empty: that of the root field
  };

  ExecutionOutcome failure(const ExecutionRequest& request, const Error& error);
  Result<void> fields(const ExecutionRequest& request);
  Result<void> refuse(const BoundError& error);
  Result<void> check(const BoundRoot& root, bool has_items);
  Result<void> field(const ExecutionRequest& request, const BoundRoot& root);
  Result<void> introspection(const ExecutionRequest& request, const BoundRoot& root);
  Result<void> command(const ExecutionRequest& request, const BoundRoot& root);
  Result<void> connection(const ExecutionRequest& request, const BoundConnection& bound);
  Result<void> connection_from(FirstRows& first, ConnectionRequest read,
                               const BoundConnection& bound);
  Result<void> object(const ExecutionRequest& request, const BoundRoot& root);
  Result<void> list(const ExecutionRequest& request, const planning::ObjectEntry& entry,
                    const storage::ListScope& scope,
                    const std::optional<storage::RecordsVersion>& version, const Refusal* refusal);

  Reads reads_;
  ExecutionLimits limits_;
  RowWriter writer_;
  Answer answer_;
  ConnectionRunner connections_;
  std::optional<ObjectListWriter> object_lists_;
  ErrorPlace place_;
  std::string errors_;  // of nullable fields, so far
};

}  // namespace matricula::execution
