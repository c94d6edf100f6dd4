#include "dataapi/api.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "auth/callers/errors.h"
#include "dataapi/company_snapshot.h"
#include "dataapi/company_tables.h"
#include "dataapi/replies.h"
#include "gate/named_company.h"
#include "gate/replies.h"
#include "http/body.h"
#include "http/body_selection.h"
#include "http/url.h"
#include "tables/json_schema.h"

namespace matricula::dataapi {
namespace {

constexpr std::string_view kPrefix = "/data/v1/";
constexpr std::string_view kTables = "tables/";
constexpr std::string_view kSchema = "/schema";
constexpr std::string_view kSchemaType = "application/schema+json";

constexpr std::array<std::string_view, 1> kTablesParameters = {"company"};
constexpr std::array<std::string_view, 2> kSchemaParameters = {"company", "flat"};

}  // namespace

void Api::answer(std::shared_ptr<Call> call, storage::Session& session) {
  std::string_view path = http::without_slash(call->request.path);
  path.remove_prefix(std::min(path.size(), kPrefix.size()));
  if (path == "tables") {
    answer_tables(*call, session);
    return;
  }
  if (path == "changes") {
    answer_changes(std::move(call), session);
    return;
  }
  if (!path.starts_with(kTables)) {
    refuse(*call, {.code = ErrorCode::kNotFound,
                   .message = "There is nothing at this path; there are /data/v1/tables and "
                              "/data/v1/changes."});
    return;
  }
  path.remove_prefix(kTables.size());
  if (path.ends_with(kSchema)) {
    path.remove_suffix(kSchema.size());
    answer_schema(*call, path);
    return;
  }
  answer_file(std::move(call), path, session);
}

void Api::refuse(Call& call, const Error& error) {
  http::Response response = error_response(error);
  if (response.status >= 500) {
    dependencies_.gate.logger.log(response.status == 500 ? LogLevel::kError : LogLevel::kWarning,
                                  "a request of the data API failed",
                                  {{"requestId", call.request.request_id},
                                   {"error", error.message},
                                   {"internal", error.internal}});
  }
  call.answer(dependencies_.gate, std::move(response));
}

void Api::answer_tables(Call& call, storage::Session& session) {
  if (auto refused = check_accept(call.request, {"application/json"})) {
    call.answer(dependencies_.gate, std::move(*refused));
    return;
  }
  const auto parameters = http::Parameters::read(call.request.query, kTablesParameters);
  if (!parameters) {
    refuse(call, parameters.error());
    return;
  }
  auto tables = describe_tables(session, call.company);
  if (!tables) {
    refuse(call, tables.error());
    return;
  }
  http::Response response = gate::json_reply(200, std::move(tables->json));
  add_state(response, {.epoch = tables->epoch, .company_sequence = tables->sequence});
  call.answer(dependencies_.gate, std::move(response));
}

void Api::answer_schema(Call& call, std::string_view table) {
  if (auto refused = check_accept(call.request, {kSchemaType, "application/json"})) {
    call.answer(dependencies_.gate, std::move(*refused));
    return;
  }
  const auto schema = [&]() -> Result<std::string> {
    MATRICULA_TRY(const records::EntityId entity, find_table(table));
    MATRICULA_TRY(const http::Parameters parameters,
                  http::Parameters::read(call.request.query, kSchemaParameters));
    MATRICULA_TRY(const bool is_flat, parameters.flag("flat"));
    MATRICULA_CHECK(check_flat(entity, is_flat));
    return tables::json_schema(tables::Table(entity, is_flat));
  }();
  if (!schema) {
    refuse(call, schema.error());
    return;
  }
  call.answer(dependencies_.gate, gate::json_reply(200, *schema, kSchemaType));
}

// A request for a file that is being answered.
struct Api::FileCall {
  std::shared_ptr<Call> call;
  FileOrder order;
  FileState seen;
  std::string recipe_text;
  bool needs_all = false;  // it can be answered only when the whole file is complete

  http::BodySelection select(const FileState& state, std::uint64_t length, Timestamp now) const {
    const std::string tag = entity_tag(state, order.company, recipe_text);
    return http::select_body(call->request, {.length = length,
                                             .etag = tag,
                                             .encodes = may_encode_content(order.request),
                                             .last_modified = state.changed_at,
                                             .now = now});
  }
};

// The file that the request asks for, or the refusal.
tl::expected<FileRequest, http::Response> Api::read_file(std::string_view name,
                                                         const http::Request& request) const {
  const auto parameters = http::Parameters::read(request.query, file_parameters());
  if (!parameters) {
    return tl::unexpected(error_response(parameters.error()));
  }
  auto wanted = read_file_request(name, *parameters);
  if (!wanted) {
    return tl::unexpected(error_response(wanted.error()));
  }
  const auto filter = parameters->find("filter");
  const auto query = parameters->find("query");
  if (filter || query) {
    auto rows = dependencies_.filters.read(wanted->entity, filter, query);
    if (!rows) {
      return tl::unexpected(filter_reply(rows.error()));
    }
    wanted->filter = std::move(*rows);
  }
  if (auto refused = check_accept(request, {format_range(wanted->format), media_range(*wanted)})) {
    return tl::unexpected(std::move(*refused));
  }
  return std::move(*wanted);
}

void Api::answer_file(std::shared_ptr<Call> call, std::string_view name,
                      storage::Session& session) {
  auto wanted = read_file(name, call->request);
  if (!wanted) {
    call->answer(dependencies_.gate, std::move(wanted.error()));
    return;
  }
  const FileOrder order{.company = call->company, .request = std::move(*wanted)};
  const auto state = [&]() -> Result<FileState> {
    MATRICULA_TRY(const auto snapshot, CompanySnapshot::begin(session, call->company));
    return read_file_state(session, call->company, order.request.entity);
  }();
  if (!state) {
    refuse(*call, state.error());
    return;
  }
  const http::Request& request = call->request;
  const bool needs_all = request.method == http::Method::kHead || request.header("Range");
  const auto file = std::make_shared<FileCall>(FileCall{.call = std::move(call),
                                                        .order = order,
                                                        .seen = *state,
                                                        .recipe_text = recipe(order.request),
                                                        .needs_all = needs_all});
  // Conditional requests are answered by the entity tag, without reading the table.
  if (const int status = file->select(*state, 0, dependencies_.gate.clock.now()).status;
      status == 304 || status == 412) {
    reply_file(file, nullptr);
    return;
  }
  ask_for_file(file);
}

void Api::ask_for_file(const std::shared_ptr<FileCall>& file) {
  const auto made = dependencies_.files.get(file->order, file->seen);
  if (!made) {
    refuse(*file->call, made.error());
    return;
  }
  const auto then = [this, file, made = *made] {
    const auto state = made->state();
    if (!made->error() && state && state->is_before(file->seen)) {
      ask_for_file(file);  // its snapshot is older than the state that this request has seen
    } else {
      reply_file(file, made);
    }
  };
  file->needs_all ? (*made)->when_ended(then) : (*made)->when_begun(then);
}

// Answers with a file that has begun; null: the conditions of the request decided.
void Api::reply_file(const std::shared_ptr<FileCall>& file, const std::shared_ptr<MadeFile>& made) {
  Call& call = *file->call;
  if (made != nullptr && made->error()) {
    refuse(call, *made->error());
    return;
  }
  FileState state = file->seen;
  bool is_complete = false;
  if (made != nullptr) {
    is_complete = made->is_complete();
    const FileState shown = *made->state();
    if (shown.epoch != state.epoch || shown.table_sequence != state.table_sequence) {
      state = shown;
    }
  }
  http::BodySelection selection =
      file->select(state, is_complete ? made->size() : 0, dependencies_.gate.clock.now());
  http::Response response{.status = selection.status};
  if (selection.status == 412) {
    response = refusal(412, "PRECONDITION_FAILED",
                       "The file is another one than If-Match or If-Unmodified-Since asks for.");
  } else if (selection.status == 416) {
    response =
        refusal(416, "RANGE_NOT_SATISFIABLE",
                fmt::format("The file has {} bytes; Range asks for none of them.", made->size()));
    response.headers.add("Content-Range", fmt::format("bytes */{}", made->size()));
  } else {
    response.headers = std::move(selection.headers);
    response.compress = may_encode_content(file->order.request);
    add_cache_fields(response);
  }
  add_state(response, state);
  if (selection.has_body()) {
    const FileRequest& request = file->order.request;
    response.content_type = media_type(request);
    response.headers.add("Content-Disposition",
                         fmt::format("attachment; filename=\"{}\"", file_name(request)));
    response.source = is_complete
                          ? http::spool_body(bytes_of(made), selection.offset, selection.length)
                          : http::spool_body(bytes_of(made));
  }
  call.answer(dependencies_.gate, std::move(response));
}

// A request for changes that is being answered.
struct Api::ChangesCall {
  std::shared_ptr<Call> call;
  ChangesRequest request;
  std::chrono::nanoseconds wait_until{0};  // Clock::monotonic()
  // As of the last read.
  records::SequenceState state = {};
  std::optional<LostPosition> lost = {};

  // kUnauthorized where there is no such company.
  Result<void> take(const std::optional<records::SequenceState>& found) {
    if (!found) {
      return fail(auth::not_authorized());
    }
    state = *found;
    lost = lost_position(request, state);
    return {};
  }
  bool is_at_end() const { return !lost && request.after >= state.last; }
};

void Api::answer_changes(std::shared_ptr<Call> call, storage::Session& session) {
  if (auto refused = check_accept(call->request, {"application/x-ndjson"})) {
    call->answer(dependencies_.gate, std::move(*refused));
    return;
  }
  auto request = [&]() -> Result<ChangesRequest> {
    MATRICULA_TRY(const http::Parameters parameters,
                  http::Parameters::read(call->request.query, changes_parameters()));
    MATRICULA_TRY(ChangesRequest read, read_changes_request(parameters));
    // The link to the next page is followed without the header.
    if (gate::company_header(call->request)) {
      read.company = call->company;
    }
    return read;
  }();
  if (!request) {
    refuse(*call, request.error());
    return;
  }
  const auto until = dependencies_.gate.clock.monotonic() + request->wait;
  look_for_changes(
      std::make_shared<ChangesCall>(ChangesCall{
          .call = std::move(call), .request = std::move(*request), .wait_until = until}),
      session);
}

// The page that follows the position. At the end of the sequence, where most waiting requests are,
// it takes one statement. What a lost position may go on from is found in the snapshot.
Result<ChangesPage> Api::read_page(ChangesCall& changes, storage::Session& session) const {
  const Call& call = *changes.call;
  MATRICULA_TRY(const auto now, current_sequence(session, call.company));
  MATRICULA_CHECK(changes.take(now));
  if (changes.is_at_end()) {
    return ChangesPage{.next = changes.state.last};
  }
  MATRICULA_TRY(const auto snapshot, CompanySnapshot::begin(session, call.company));
  MATRICULA_TRY(auto then, records::read_sequence(session, call.company));
  if (then && !dependencies_.keeps_deletes) {
    MATRICULA_TRY(const std::int64_t forgotten, records::read_last_delete(session, call.company));
    then->oldest = std::max(then->oldest, forgotten);
  }
  MATRICULA_CHECK(changes.take(then));
  return changes.lost ? Result<ChangesPage>(ChangesPage())
                      : read_changes(session, call.company, changes.request, changes.state,
                                     dependencies_.spool, call.owner());
}

// Answers with the changes there are; with an empty page only when the request waits no longer.
void Api::look_for_changes(const std::shared_ptr<ChangesCall>& changes, storage::Session& session) {
  Call& call = *changes->call;
  auto page = read_page(*changes, session);
  if (!page) {
    refuse(call, page.error());
    return;
  }
  const records::SequenceState& state = changes->state;
  if (changes->lost) {
    call.answer(dependencies_.gate, lost_reply(*changes->lost, state));
    return;
  }
  if (page->is_empty && dependencies_.gate.clock.monotonic() < changes->wait_until) {
    const bool is_waiting = dependencies_.waiter.add(
        {.company = call.company,
         .seen = state.last,
         .epoch = state.epoch,
         .until = changes->wait_until,
         .then = [this, changes] {
           dependencies_.submit(changes->call, [this, changes](storage::Session& reader) {
             look_for_changes(changes, reader);
           });
         }});
    if (is_waiting) {
      return;
    }
  }
  call.answer(dependencies_.gate, changes_reply(std::move(*page), changes->request, state));
}

}  // namespace matricula::dataapi
