#include "execution/executor.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "base/assert.h"
#include "base/within_memory.h"
#include "execution/error_text.h"
#include "graphql/introspection/introspection.h"
#include "json/writer.h"

namespace matricula::execution {

using planning::IntrospectionPlan;
using planning::ObjectEntry;
using planning::TypenamePlan;

namespace {

// Whether the plan reads one connection at most. Whether that needs a snapshot is decided later, by
// the number of its statements: a single one sees one state of the store anyway.
bool reads_one_connection(const BoundPlan& plan) {
  std::size_t connections = 0;
  for (const BoundRoot& root : plan.roots()) {
    if (std::holds_alternative<BoundObject>(root.work) ||
        std::holds_alternative<BoundCommand>(root.work)) {
      return false;
    }
    connections += std::holds_alternative<BoundConnection>(root.work) ? 1 : 0;
  }
  return connections <= 1;
}

ConnectionRequest connection_of(const BoundPlan& plan, const BoundConnection& bound,
                                std::string_view company) {
  return {.plan = *bound.plan, .page = bound.page, .company = company, .flags = plan.flags()};
}

Reads::GuardedList list_of(const BoundConnection& bound, std::string_view company) {
  const planning::ConnectionRoot& root = *bound.plan->root;
  return {.relation = root.relation,
          .company = company,
          .guard = root.guard ? &*root.guard : nullptr,
          .guarded = bound.guarded};
}

std::string_view public_message(const Error& error) {
  if (error.code == ErrorCode::kInternal) {
    return "internal server error";
  }
  return error.message;
}

}  // namespace

ExecutionOutcome Executor::run(const ExecutionRequest& request) {
  place_ = {};
  errors_.clear();
  Result<void> done;
  const auto work = [&] {
    const Reads::Run run(reads_, request.company);
    done = fields(request);
  };
  if (!run_within_memory(work)) {
    answer_.drop();  // there is memory for the error then
    done = fail(ErrorCode::kUnavailable, "The server is out of memory; try again later.");
  }
  return done ? ExecutionOutcome{.answer = answer_.take()} : failure(request, done.error());
}

ExecutionOutcome Executor::failure(const ExecutionRequest& request, const Error& error) {
  if (place_.root != nullptr && place_.locations.empty()) {
    place_.locations = locations_of(request.plan, *place_.root);
  }
  if (place_.root != nullptr && place_.path.empty()) {
    place_.path = path_of(*place_.root);
  }
  answer_.drop();
  std::string& out = answer_.text();
  out += R"({"errors":[)" + errors_ + (errors_.empty() ? "" : ",");
  append_error(out, public_message(error), error.code, place_.locations, place_.path);
  out += R"(],"data":null})";
  return {.answer = answer_.take(),
          .failed = true,
          .code = error.code,
          .internal = fmt::format("{}{}{}", error.message, error.internal.empty() ? "" : ": ",
                                  error.internal)};
}

Result<void> Executor::refuse(const BoundError& error) {
  place_.locations = error.locations;
  place_.path = error.path;
  return fail(error.error);
}

// The first refusal of the root field that its value allows.
Result<void> Executor::check(const BoundRoot& root, bool has_items) {
  for (const Refusal& refusal : root.refusals) {
    if (has_items || !refusal.needs_items) {
      return refuse(refusal.error);
    }
  }
  return {};
}

Result<void> Executor::fields(const ExecutionRequest& request) {
  AnswerBounds bounds = request.bounds;
  bounds.bytes_max = std::min(bounds.bytes_max, limits_.response_bytes_max);
  answer_.begin(bounds);
  if (request.plan.refusal()) {
    return refuse(*request.plan.refusal());
  }
  if (!request.plan.is_mutation()) {
    reads_.begin(bounds.deadline);
    if (!reads_one_connection(request.plan)) {
      MATRICULA_CHECK(reads_.begin_snapshot());
    }
  }
  answer_.text() += R"({"data":{)";
  bool first = true;
  for (const BoundRoot& root : request.plan.roots()) {
    place_.root = root.entry;
    if (!first) {
      answer_.text() += ',';
    }
    first = false;
    answer_.text() += root.entry->prefix;
    MATRICULA_CHECK(answer_.check_wanted());
    MATRICULA_CHECK(field(request, root));
    MATRICULA_CHECK(answer_.settle("Ask for less at a time."));
  }
  answer_.text() += '}';
  if (!errors_.empty()) {
    answer_.text() += R"(,"errors":[)" + errors_ + ']';
    MATRICULA_CHECK(answer_.settle("Ask for less at a time."));
  }
  answer_.text() += '}';
  return {};
}

Result<void> Executor::field(const ExecutionRequest& request, const BoundRoot& root) {
  if (const auto* error = std::get_if<BoundError>(&root.work)) {
    return refuse(*error);
  }
  if (const auto* plan = std::get_if<const TypenamePlan*>(&root.work)) {
    answer_.text() += (*plan)->json;
    return {};
  }
  if (std::holds_alternative<const IntrospectionPlan*>(root.work)) {
    return introspection(request, root);
  }
  if (const auto* bound = std::get_if<BoundConnection>(&root.work)) {
    MATRICULA_CHECK(connection(request, *bound));
    return check(root, connections_.has_rows());
  }
  return std::holds_alternative<BoundObject>(root.work) ? object(request, root)
                                                        : command(request, root);
}

Result<void> Executor::introspection(const ExecutionRequest& request, const BoundRoot& root) {
  const planning::Plan& whole = request.plan.plan();
  const std::string key = path_of(*root.entry);
  const auto path = [&](const graphql::PathError& error) {
    return key.substr(0, key.size() - 1) + error.path + ']';
  };
  const auto note = [&](const graphql::PathError& error) {
    errors_ += errors_.empty() ? "" : ",";
    append_error(errors_, error.diagnostic.message, error.diagnostic.code,
                 error.diagnostic.locations, path(error));
  };
  auto written = graphql::write_introspection(*whole.schema, *whole.document,
                                              nodes_of(request.plan, *root.entry),
                                              request.plan.variables(), {}, answer_.text());
  if (written) {
    std::ranges::for_each(*written, note);
    return {};
  }
  graphql::PathError last = std::move(written.error().back());
  written.error().pop_back();
  std::ranges::for_each(written.error(), note);
  place_.path = path(last);
  place_.locations = std::move(last.diagnostic.locations);
  return fail(last.diagnostic.code, std::move(last.diagnostic.message));
}

// A mutation whose result would be refused anyway is not executed.
Result<void> Executor::command(const ExecutionRequest& request, const BoundRoot& root) {
  const auto& bound = std::get<BoundCommand>(root.work);
  if (request.plan.is_mutation()) {
    MATRICULA_CHECK(check(root, true));
  }
  MATRICULA_ASSERT(request.commands != nullptr);
  MATRICULA_TRY(const std::string value,
                (*request.commands)(bound.plan->root->command, bound.arguments));
  MATRICULA_CHECK(check(root, value != "[]"));
  return writer_.json(*root.entry->definition->type, bound.plan->shape.get(), value,
                      request.plan.flags(), answer_.text());
}

std::optional<FirstRead> Executor::first_read(const BoundPlan& plan, std::string_view company) {
  const BoundConnection* const bound = plan.only_connection();
  if (bound == nullptr) {
    return std::nullopt;
  }
  reads_.begin(std::chrono::nanoseconds::max());
  if (const auto state = reads_.state_statement(list_of(*bound, company))) {
    return FirstRead{.gives = FirstRead::Gives::kListState, .statement = *state};
  }
  if (bound->plan->root->guard) {
    return std::nullopt;
  }
  const auto statement =
      connections_.only_read(connection_of(plan, *bound, company), reads_.tables());
  return statement
             ? std::optional(FirstRead{.gives = FirstRead::Gives::kAll, .statement = *statement})
             : std::nullopt;
}

bool Executor::is_short(const BoundPlan& plan, std::string_view company) {
  const BoundConnection* const bound = plan.only_connection();
  return bound != nullptr && !bound->plan->root->guard &&
         connections_.is_short(connection_of(plan, *bound, company), reads_.tables());
}

Result<void> Executor::connection(const ExecutionRequest& request, const BoundConnection& bound) {
  ConnectionRequest read = connection_of(request.plan, bound, request.company);
  if (request.first != nullptr) {
    return connection_from(*request.first, read, bound);
  }
  MATRICULA_TRY(storage::ListReader* const reader,
                reads_.reader_of(list_of(bound, request.company)));
  if (reader == nullptr) {
    return fail(ErrorCode::kUnauthorized, "not authorized");
  }
  if (reader == &reads_.tables() && !reads_.in_snapshot() &&
      connections_.reads(read, reads_.tables()) > 1) {
    MATRICULA_CHECK(reads_.begin_snapshot());
  }
  read.in_snapshot = reads_.in_snapshot();
  MATRICULA_TRY(const bool is_whole, connections_.run(read, *reader, writer_, answer_));
  if (is_whole) {
    return {};
  }
  MATRICULA_CHECK(reads_.begin_snapshot());
  read.in_snapshot = true;
  MATRICULA_CHECK(connections_.run(read, *reader, writer_, answer_));
  return {};
}

Result<void> Executor::connection_from(FirstRows& first, ConnectionRequest read,
                                       const BoundConnection& bound) {
  MATRICULA_TRY(storage::RowsHandle rows, std::exchange(first.rows, storage::RowsHandle()));
  storage::ListReader* reader = &reads_.tables();
  switch (first.gives) {
    case FirstRead::Gives::kAll:
      read.rows = &rows;
      break;
    case FirstRead::Gives::kListState:
      MATRICULA_TRY(reader, reads_.reader_by(*rows, list_of(bound, read.company)));
      rows.reset();
      break;
  }
  MATRICULA_TRY(const bool is_whole, connections_.run(read, *reader, writer_, answer_));
  return is_whole ? Result<void>()
                  : fail(ErrorCode::kUnavailable, "The rest of the list has to be read, too.");
}

Result<void> Executor::object(const ExecutionRequest& request, const BoundRoot& root) {
  const auto& bound = std::get<BoundObject>(root.work);
  std::vector<storage::KeyValue> fixed;
  if (bound.narrowing) {
    MATRICULA_TRY(const bool passes,
                  reads_.passes(bound.plan->root->guard, request.company, *bound.narrowing));
    if (!passes) {
      return fail(ErrorCode::kUnauthorized, "not authorized");
    }
    fixed.emplace_back(*bound.narrowing);
  }
  MATRICULA_CHECK(check(root, false));
  std::optional<storage::RecordsVersion> version;
  if (object_lists_) {
    MATRICULA_TRY(version, reads_.version(request.company));
  }
  answer_.text() += '{';
  bool first = true;
  for (const ObjectEntry& each : bound.plan->entries) {
    if (!request.plan.flags().holds(each.when)) {
      continue;
    }
    if (!first) {
      answer_.text() += ',';
    }
    first = false;
    answer_.text() += each.prefix;
    if (each.list != nullptr) {
      const auto refusal = std::ranges::find(root.refusals, &each, &Refusal::list);
      MATRICULA_CHECK(list(request, each,
                           {.relation = fixed.empty() ? &each.list->whole : &each.list->narrowed,
                            .company = request.company,
                            .fixed = fixed},
                           version, refusal == root.refusals.end() ? nullptr : &*refusal));
    } else if (each.company) {
      json::append_string(answer_.text(), request.company);
    } else {
      answer_.text() += each.typename_json;
    }
  }
  answer_.text() += '}';
  return {};
}

Result<void> Executor::list(const ExecutionRequest& request, const ObjectEntry& entry,
                            const storage::ListScope& scope,
                            const std::optional<storage::RecordsVersion>& version,
                            const Refusal* refusal) {
  if (version && refusal == nullptr) {
    MATRICULA_TRY(
        const bool is_written,
        object_lists_->write(
            {.entry = entry, .scope = scope, .version = *version, .flags = request.plan.flags()},
            writer_, answer_));
    if (is_written) {
      return {};
    }
  }
  MATRICULA_TRY(
      const storage::RowsHandle rows,
      reads_.tables().page({.scope = scope, .columns = entry.columns, .limit = UINT32_MAX}));
  answer_.text() += '[';
  bool first = true;
  while (true) {
    MATRICULA_TRY(const bool any, rows->next());
    if (!any) {
      break;
    }
    if (refusal != nullptr) {
      return refuse(refusal->error);
    }
    if (!first) {
      answer_.text() += ',';
    }
    first = false;
    MATRICULA_CHECK(writer_.object(*entry.shape, *rows, request.plan.flags(), {}, answer_.text()));
    MATRICULA_CHECK(answer_.settle("Ask for fewer fields."));
  }
  answer_.text() += ']';
  return {};
}

}  // namespace matricula::execution
