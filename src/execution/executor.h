#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "execution/connection.h"
#include "execution/limits.h"
#include "execution/row_writer.h"
#include "graphql/coercion/input.h"
#include "planning/plan.h"
#include "storage/database.h"
#include "storage/list_reader.h"

namespace matricula::execution {

// The coerced arguments of a root field by name; an absent argument is not among them.
using Arguments = std::vector<std::pair<std::string_view, graphql::Input>>;

const graphql::Input* argument(const Arguments& arguments, std::string_view name);

// Runs a domain's command (planning::CommandRoot) and gives the field's value as JSON text.
using CommandRunner =
    std::function<Result<std::string>(unsigned command, const Arguments& arguments)>;

// The company that every list is read for.
struct Tenant {
  std::string_view company = {};
};

struct ExecutionRequest {
  const planning::Plan& plan;
  const graphql::Variables& variables;
  Tenant tenant;
  const CommandRunner* commands = nullptr;  // null where the endpoint has none
  AnswerBounds bounds = {};                 // `bytes_max` within that of the executor's limits
};

// How an execution ended, for status, log and metrics; the answer is complete either way.
struct ExecutionOutcome {
  spool::StoredBytes answer = {};
  bool failed = false;
  ErrorCode code = ErrorCode::kInternal;  // of the first error
  std::string internal = {};              // for the log
};

// Runs plans over one session. Keeps its buffers; one thread at a time.
class Executor {
 public:
  // All but `places` must outlive it.
  Executor(storage::Session& session, storage::ListReader& reader, const Clock& clock,
           const ExecutionLimits& limits, AnswerPlaces places = {})
      : session_(session), reader_(reader), limits_(limits), answer_(clock, std::move(places)) {}

  // ExecuteRequest (GraphQL, section 6): the whole answer, {"data":...} or
  // {"errors":[...],"data":null}. All root fields read one state of the store. Every root field of
  // our schemas is non-null, so an error leaves no data (section 6.4.4); the root fields after a
  // failed one are not run. Where memory runs out, the answer is the error kUnavailable.
  ExecutionOutcome run(const ExecutionRequest& request);

 private:
  bool is_one_connection(const planning::Plan& plan) const;
  Result<void> begin_snapshot();
  Result<void> fields(const ExecutionRequest& request, const planning::RootEntry*& current);
  Result<void> field(const ExecutionRequest& request, const planning::RootEntry& entry);
  Result<void> connection(const ExecutionRequest& request, const planning::RootEntry& entry,
                          const planning::ConnectionPlan& plan);
  Result<void> object(const ExecutionRequest& request, const planning::RootEntry& entry,
                      const planning::ObjectPlan& plan);
  Result<void> list(const planning::ObjectEntry& entry, const storage::ListScope& scope);
  Result<bool> hold(const ExecutionRequest& request, const planning::ConnectionPlan& plan,
                    const BoundPage& page, const Arguments& arguments);
  Result<bool> holds_guard(const planning::Guard& guard, std::string_view company,
                           std::string_view value);
  const storage::Statement& guard_statement(std::string_view text);

  storage::Session& session_;
  storage::ListReader& reader_;
  ExecutionLimits limits_;
  RowWriter writer_;
  Answer answer_;
  ConnectionRunner connections_;
  ActiveFlags flags_;
  bool in_snapshot_ = false;
  std::size_t filter_values_ = 0;  // of the request that runs
  std::vector<std::unique_ptr<storage::Statement>> guards_;
};

// Appends one element of `errors`. `path_key` is empty where there is no path.
void append_error(std::string& out, std::string_view message, ErrorCode code,
                  std::span<const graphql::Location> locations, std::string_view path_key);

}  // namespace matricula::execution
