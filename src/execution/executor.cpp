#include "execution/executor.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <new>

#include "base/assert.h"
#include "graphql/introspection/introspection.h"
#include "json/writer.h"

namespace matricula::execution {

using graphql::Input;
using planning::CommandPlan;
using planning::ConnectionPlan;
using planning::IntrospectionPlan;
using planning::ObjectEntry;
using planning::ObjectPlan;
using planning::RootEntry;
using planning::TypenamePlan;

const Input* argument(const Arguments& arguments, std::string_view name) {
  for (const auto& [key, value] : arguments) {
    if (key == name) {
      return &value;
    }
  }
  return nullptr;
}

namespace {

// The text at an argument's path ("contractId", "input.planId"); empty when absent or null.
std::string_view text_at(const Arguments& arguments, std::string_view path) {
  const std::size_t dot = path.find('.');
  const Input* input = argument(arguments, path.substr(0, dot));
  if (input != nullptr && dot != std::string_view::npos && !input->is_null()) {
    input = input->field(path.substr(dot + 1));
  }
  return input == nullptr || input->is_null() ? std::string_view()
                                              : std::get<std::string>(input->value);
}

bool is_given(const Arguments& arguments, std::string_view path) {
  const Input* input = argument(arguments, path.substr(0, path.find('.')));
  return input != nullptr && !input->is_null();
}

Result<Arguments> coerce_arguments(const ExecutionRequest& request, const RootEntry& entry) {
  Arguments arguments;
  for (const graphql::InputValue& definition : entry.definition->arguments) {
    const auto given =
        std::ranges::find(entry.node->arguments, definition.name,
                          [](const graphql::Argument& each) { return each.name.value; });
    auto value = graphql::coerce_argument(*request.plan.document, definition,
                                          given == entry.node->arguments.end() ? nullptr : &*given,
                                          request.variables, *entry.node);
    if (!value) {
      return fail(ErrorCode::kBadUserInput, std::move(value.error().message));
    }
    if (*value) {
      arguments.emplace_back(definition.name, std::move(**value));
    }
  }
  return arguments;
}

std::string_view public_message(const Error& error) {
  if (error.code == ErrorCode::kInternal) {
    return "internal server error";
  }
  return error.message;
}

}  // namespace

void append_error(std::string& out, std::string_view message, ErrorCode code,
                  std::span<const graphql::Location> locations, std::string_view path_key) {
  out += R"({"message":)";
  json::append_string(out, message);
  if (!locations.empty()) {
    out += R"(,"locations":[)";
    for (std::size_t i = 0; i < locations.size(); ++i) {
      out += fmt::format("{}{{\"line\":{},\"column\":{}}}", i == 0 ? "" : ",", locations[i].line,
                         locations[i].column);
    }
    out += ']';
  }
  if (!path_key.empty()) {
    out += R"(,"path":[)";
    json::append_string(out, path_key);
    out += ']';
  }
  out += R"(,"extensions":{"code":)";
  json::append_string(out, error_name(code));
  out += "}}";
}

ExecutionOutcome Executor::run(const ExecutionRequest& request) {
  const RootEntry* current = nullptr;
  const auto work = [&]() -> Result<void> {
    try {
      return fields(request, current);
    } catch (const std::bad_alloc&) {
      return fail(ErrorCode::kUnavailable, "The server is out of memory; try again later.");
    }
  };
  session_.set_tenant(request.tenant.company);
  auto done = work();
  if (std::exchange(in_snapshot_, false)) {
    session_.end_snapshot();
  }
  session_.set_tenant({});
  if (done) {
    return {.answer = answer_.take()};
  }
  answer_.drop();
  std::string& out = answer_.text();
  out += R"({"errors":[)";
  std::vector<graphql::Location> locations;
  if (current != nullptr) {
    locations.push_back(
        graphql::location_at(request.plan.document->source(), current->node->offset));
  }
  append_error(out, public_message(done.error()), done.error().code, locations,
               current == nullptr ? std::string_view() : current->key);
  out += R"(],"data":null})";
  return {
      .answer = answer_.take(),
      .failed = true,
      .code = done.error().code,
      .internal = fmt::format("{}{}{}", done.error().message,
                              done.error().internal.empty() ? "" : ": ", done.error().internal)};
}

// `current` is the root field that an error belongs to.
Result<void> Executor::fields(const ExecutionRequest& request, const RootEntry*& current) {
  flags_.set(request.plan, request.variables);
  filter_values_ = 0;
  AnswerBounds bounds = request.bounds;
  bounds.bytes_max = std::min(bounds.bytes_max, limits_.response_bytes_max);
  answer_.begin(bounds);
  if (request.plan.operation->operation != graphql::OperationType::kMutation) {
    reader_.begin(bounds.deadline);
    if (!is_one_connection(request.plan)) {
      MATRICULA_CHECK(begin_snapshot());
    }
  }
  answer_.text() += R"({"data":{)";
  bool first = true;
  for (const RootEntry& entry : request.plan.roots) {
    if (!flags_.holds(entry.when)) {
      continue;
    }
    current = &entry;
    if (!first) {
      answer_.text() += ',';
    }
    first = false;
    answer_.text() += entry.prefix;
    MATRICULA_CHECK(answer_.check_wanted());
    MATRICULA_CHECK(field(request, entry));
    MATRICULA_CHECK(answer_.settle("Ask for less at a time."));
  }
  answer_.text() += "}}";
  return {};
}

// Whether all that is read is one connection. What it reads decides about the snapshot then: a
// statement alone sees one state of the store as it is.
bool Executor::is_one_connection(const planning::Plan& plan) const {
  std::size_t connections = 0;
  for (const RootEntry& entry : plan.roots) {
    if (!flags_.holds(entry.when) || std::holds_alternative<TypenamePlan>(entry.work) ||
        std::holds_alternative<IntrospectionPlan>(entry.work)) {
      continue;
    }
    if (!std::holds_alternative<ConnectionPlan>(entry.work)) {
      return false;
    }
    ++connections;
  }
  return connections <= 1;
}

Result<void> Executor::begin_snapshot() {
  MATRICULA_CHECK(session_.begin_snapshot());
  in_snapshot_ = true;  // beginning one fails where the deadline has passed already
  return {};
}

Result<void> Executor::field(const ExecutionRequest& request, const RootEntry& entry) {
  if (const auto* plan = std::get_if<TypenamePlan>(&entry.work)) {
    answer_.text() += plan->json;
    return {};
  }
  if (const auto* plan = std::get_if<IntrospectionPlan>(&entry.work)) {
    auto written = graphql::write_introspection(*request.plan.schema, *request.plan.document,
                                                plan->nodes, request.variables, {}, answer_.text());
    if (!written) {
      return fail(written.error().code, std::move(written.error().message));
    }
    return {};
  }
  if (const auto* plan = std::get_if<ConnectionPlan>(&entry.work)) {
    return connection(request, entry, *plan);
  }
  if (const auto* plan = std::get_if<ObjectPlan>(&entry.work)) {
    return object(request, entry, *plan);
  }
  const auto& plan = std::get<CommandPlan>(entry.work);
  MATRICULA_ASSERT(request.commands != nullptr);
  MATRICULA_TRY(const Arguments arguments, coerce_arguments(request, entry));
  MATRICULA_TRY(const std::string value, (*request.commands)(plan.root->command, arguments));
  return writer_.json(*entry.definition->type, plan.shape.get(), value, flags_, answer_.text());
}

Result<void> Executor::connection(const ExecutionRequest& request, const RootEntry& entry,
                                  const ConnectionPlan& plan) {
  MATRICULA_TRY(const Arguments arguments, coerce_arguments(request, entry));
  const Input* input = argument(arguments, "input");
  if (input != nullptr && input->is_null()) {
    input = nullptr;
  }
  const graphql::NamedType& input_type = entry.definition->argument("input")->type->innermost();
  MATRICULA_TRY(const BoundPage page,
                bind_page(*plan.root, input_type, input, limits_, filter_values_));
  MATRICULA_TRY(const bool may_read, hold(request, plan, page, arguments));
  if (!may_read) {
    return fail(ErrorCode::kUnauthorized, "not authorized");
  }
  return connections_.run(
      {.plan = plan, .page = page, .company = request.tenant.company, .flags = flags_}, reader_,
      writer_, answer_);
}

// Has the reader hold the list where it can, begins a snapshot where one is needed, and asks the
// list's guard; false where that does not hold.
Result<bool> Executor::hold(const ExecutionRequest& request, const ConnectionPlan& plan,
                            const BoundPage& page, const Arguments& arguments) {
  const sql::Relation& relation = plan.root->relation;
  const std::string_view company = request.tenant.company;
  if (!plan.root->guard) {
    MATRICULA_TRY(const bool is_held, reader_.hold(relation, company, in_snapshot_));
    if (!in_snapshot_ && !is_held && connections_.reads(plan, page, flags_) > 1) {
      MATRICULA_CHECK(begin_snapshot());
    }
    return true;
  }
  const planning::Guard& guard = *plan.root->guard;
  const std::string_view value = text_at(arguments, guard.argument);
  if (!in_snapshot_) {
    MATRICULA_TRY(const bool is_held, reader_.hold(relation, company, false));
    if (is_held && reader_.passes_guard(guard.text, value)) {
      return true;
    }
    MATRICULA_CHECK(begin_snapshot());
  }
  MATRICULA_TRY(const bool is_held, reader_.hold(relation, company, true));
  MATRICULA_TRY(const bool holds, holds_guard(guard, company, value));
  if (is_held && holds) {
    reader_.note_guard(guard.text, value);
  }
  return holds;
}

Result<void> Executor::object(const ExecutionRequest& request, const RootEntry& entry,
                              const ObjectPlan& plan) {
  MATRICULA_TRY(const Arguments arguments, coerce_arguments(request, entry));
  const planning::Guard& narrowing = plan.root->guard;
  std::vector<storage::KeyValue> fixed;
  if (is_given(arguments, narrowing.argument)) {
    const std::string_view value = text_at(arguments, narrowing.argument);
    MATRICULA_TRY(const bool holds, holds_guard(narrowing, request.tenant.company, value));
    if (!holds) {
      return fail(ErrorCode::kUnauthorized, "not authorized");
    }
    fixed.emplace_back(std::string(value));
  }
  answer_.text() += '{';
  bool first = true;
  for (const ObjectEntry& each : plan.entries) {
    if (!flags_.holds(each.when)) {
      continue;
    }
    if (!first) {
      answer_.text() += ',';
    }
    first = false;
    answer_.text() += each.prefix;
    if (each.list != nullptr) {
      MATRICULA_CHECK(
          list(each, {.relation = fixed.empty() ? &each.list->whole : &each.list->narrowed,
                      .company = request.tenant.company,
                      .fixed = fixed}));
    } else if (each.company) {
      json::append_string(answer_.text(), request.tenant.company);
    } else {
      answer_.text() += each.typename_json;
    }
  }
  answer_.text() += '}';
  return {};
}

Result<void> Executor::list(const ObjectEntry& entry, const storage::ListScope& scope) {
  MATRICULA_TRY(const storage::RowsHandle rows,
                reader_.page({.scope = scope, .columns = entry.columns, .limit = UINT32_MAX}));
  answer_.text() += '[';
  bool first = true;
  while (true) {
    MATRICULA_TRY(const bool any, rows->next());
    if (!any) {
      break;
    }
    if (!first) {
      answer_.text() += ',';
    }
    first = false;
    MATRICULA_CHECK(writer_.object(*entry.shape, *rows, flags_, {}, answer_.text()));
    MATRICULA_CHECK(answer_.settle("Ask for fewer fields."));
  }
  answer_.text() += ']';
  return {};
}

Result<bool> Executor::holds_guard(const planning::Guard& guard, std::string_view company,
                                   std::string_view value) {
  const std::array<storage::Bind, 2> binds{company, value};
  MATRICULA_TRY(const storage::RowsHandle rows, session_.query(guard_statement(guard.text), binds));
  return rows->next();
}

const storage::Statement& Executor::guard_statement(std::string_view text) {
  for (const auto& statement : guards_) {
    if (statement->text() == text) {
      return *statement;
    }
  }
  guards_.push_back(std::make_unique<storage::Statement>(std::string(text)));
  return *guards_.back();
}

}  // namespace matricula::execution
