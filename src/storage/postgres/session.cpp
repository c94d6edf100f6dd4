#include "storage/postgres/session.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "base/assert.h"
#include "storage/postgres/error.h"
#include "storage/postgres/limits.h"

namespace matricula::storage::postgres {
namespace {

// Prepared with each connection.
const std::string kBegin = "begin";
const std::string kBeginText = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
const std::string kEnd = "end";
const std::string kEndText = "COMMIT";
const std::string kSettings = "settings";
const std::string kSettingsText =
    "SELECT set_config('matricula.company', $1, true), set_config('statement_timeout', $2, true)";
// A company's rows are only read.
const std::string kReadSettings = "read_settings";
const std::string kReadSettingsText =
    kSettingsText + ", set_config('transaction_read_only', 'on', true)";
const std::vector<Oid> kSettingsTypes = {kTextOid, kTextOid};

const Parameters kNoParameters;

struct NaturalType {
  Oid operator()(std::monostate) const { return 0; }
  Oid operator()(std::int64_t) const { return kInt8Oid; }
  Oid operator()(double) const { return kFloat8Oid; }
  Oid operator()(std::string_view) const { return kTextOid; }
  Oid operator()(Bytes) const { return kByteaOid; }
  Oid operator()(const ValueList& list) const {
    return list.values.empty() ? 0 : array_of(std::visit(*this, list.values.front()));
  }
};

std::vector<Oid> natural_types(std::span<const Bind> binds) {
  std::vector<Oid> types;
  for (const Bind& bind : binds) {
    types.push_back(std::visit(NaturalType{}, bind));
  }
  return types;
}

}  // namespace

PostgresSession::PostgresSession(Connector& connector, Access access, const Clock& clock)
    : connector_(connector), access_(access), clock_(clock) {}

PostgresSession::~PostgresSession() {
  MATRICULA_ASSERT(!prepared_.is_any_running());
}

// A server cancels by itself what passes its limit, and the connection stays; only a server that
// does not even do that is given up, a little later.
Deadline PostgresSession::wait_limit() const {
  if (deadline_ != Deadline::max()) {
    return deadline_ + kCancelGrace;
  }
  const auto limit = connector_.statement_timeout();
  return limit.count() == 0 ? Deadline::max() : clock_.monotonic() + limit + kCancelGrace;
}

Result<void> PostgresSession::check_can_run() const {
  if (deadline_ != Deadline::max() && clock_.monotonic() >= deadline_) {
    return fail(late_error("the deadline passed between statements"));
  }
  if (in_write_ && write_failed_) {
    return fail(ErrorCode::kUnavailable, "The change could not be stored. Try again later.",
                {.internal = "the transaction was already ended by an earlier failure"});
  }
  return {};
}

Result<void> PostgresSession::connect() {
  if (connection_ != nullptr && !connection_->is_lost()) {
    return {};
  }
  end_is_due_ = false;
  MATRICULA_TRY(connection_, connector_.connect(access_, wait_limit()));
  ++connection_number_;
  for (const auto& [name, text] :
       {std::pair(&kBegin, &kBeginText), std::pair(&kEnd, &kEndText),
        std::pair(&kSettings, &kSettingsText), std::pair(&kReadSettings, &kReadSettingsText)}) {
    MATRICULA_CHECK(connection_->prepare(*name, *text, wait_limit()));
  }
  return {};
}

// Reads the answer to the end of the last snapshot.
Result<void> PostgresSession::drain() {
  if (!end_is_due_) {
    return {};
  }
  end_is_due_ = false;
  MATRICULA_CHECK(connection_->receive(wait_limit(), kEndText));
  return connection_->receive_sync(wait_limit());
}

Result<void> PostgresSession::prepare(Prepared& prepared) {
  if (prepared.known_to() == connection_number_) {
    return {};
  }
  for (const std::string& name : std::exchange(forgotten_, {})) {
    MATRICULA_CHECK(connection_->send_text("DEALLOCATE " + name, kNoParameters, {}));
    MATRICULA_CHECK(connection_->send_sync());
    const Result<ResultHandle> done = connection_->receive(wait_limit(), name);
    MATRICULA_CHECK(connection_->receive_sync(wait_limit()));
  }
  MATRICULA_TRY(Description description,
                connection_->prepare(prepared.name(), prepared.sql(), wait_limit()));
  prepared.set_known(connection_number_, std::move(description));
  return {};
}

// What holds for one transaction: the company, and how long a statement may take.
Result<void> PostgresSession::send_settings() {
  std::int64_t timeout_ms = connector_.statement_timeout().count();
  if (deadline_ != Deadline::max()) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline_ - clock_.monotonic()).count();
    timeout_ms = std::clamp<std::int64_t>(left, 1, INT32_MAX);
  }
  timeout_text_ = fmt::to_string(timeout_ms);
  const Bind binds[] = {std::string_view(tenant_), std::string_view(timeout_text_)};
  settings_.set(binds, kSettingsTypes);
  const bool only_reads = !tenant_.empty() && !in_write_;
  MATRICULA_CHECK(connection_->send_prepared(only_reads ? kReadSettings : kSettings, settings_));
  sent_tenant_ = tenant_;
  return {};
}

// The statement and its preface known to the connection.
Result<void> PostgresSession::make_ready(Prepared& prepared, Sent& sent) {
  MATRICULA_CHECK(connect());
  MATRICULA_CHECK(drain());
  MATRICULA_CHECK(prepare(prepared));
  sent = {.prepared = &prepared};
  if (preface_ != nullptr && may_retry()) {
    MATRICULA_CHECK(make_ready(*preface_, sent.preface));
  }
  sent.begins = snapshot_ == Snapshot::kWanted;
  const bool continues = snapshot_ == Snapshot::kBegun || in_write_;
  sent.sets = continues ? tenant_ != sent_tenant_
                        : !tenant_.empty() || deadline_ != Deadline::max() ||
                              connector_.statement_timeout().count() != 0;
  return {};
}

Result<void> PostgresSession::make_ready(const Preface& preface, SentPreface& sent) {
  sent = {.preface = &preface, .prepared = &prepared_.find(preface.statement, forgotten_)};
  return prepare(*sent.prepared);
}

// Its transaction ends before the next begins, so that what it changed is neither kept locked by
// what follows nor undone with it.
Result<void> PostgresSession::send(const SentPreface& sent) {
  parameters_.set(sent.preface->binds, sent.prepared->description().parameters);
  MATRICULA_CHECK(connection_->send_prepared(sent.prepared->name(), parameters_));
  return connection_->send_sync();
}

Result<void> PostgresSession::send(const Sent& sent, std::span<const Bind> binds, Ends ends) {
  if (sent.preface.preface != nullptr) {
    MATRICULA_CHECK(send(sent.preface));
  }
  parameters_.set(binds, sent.prepared->description().parameters);
  if (sent.begins) {
    MATRICULA_CHECK(connection_->send_prepared(kBegin, kNoParameters));
  }
  if (sent.sets) {
    MATRICULA_CHECK(send_settings());
  }
  MATRICULA_CHECK(connection_->send_prepared(sent.prepared->name(), parameters_));
  return ends == Ends::kHere ? connection_->send_sync() : Result<void>();
}

Result<ResultHandle> PostgresSession::receive(const Sent& sent, Ends ends) {
  Result<ResultHandle> preface;
  Result<void> before;
  const auto note = [&before](const auto& result) {
    if (!result && before) {
      before = fail(result.error());
    }
  };
  if (sent.preface.preface != nullptr) {
    preface = receive_last(sent.preface.prepared->sql());
    note(preface);
  }
  if (sent.begins) {
    note(connection_->receive(wait_limit(), kBeginText));
  }
  if (sent.sets) {
    note(connection_->receive(wait_limit(), kSettingsText));
  }
  const std::string& sql = sent.prepared->sql();
  Result<ResultHandle> result =
      ends == Ends::kHere ? receive_last(sql) : connection_->receive(wait_limit(), sql);
  if (sent.begins && !connection_->is_lost()) {
    snapshot_ = Snapshot::kBegun;
  }
  // The first failure is the one to tell; those behind it follow from it.
  MATRICULA_CHECK(std::move(before));
  if (sent.preface.preface != nullptr) {
    preface_ = nullptr;
    MATRICULA_CHECK(judge(sent.preface, std::move(*preface)));
  }
  return result;
}

// The result of a statement and the sync behind it.
Result<ResultHandle> PostgresSession::receive_last(std::string_view context) {
  Result<ResultHandle> result = connection_->receive(wait_limit(), context);
  Result<void> synced = connection_->receive_sync(wait_limit());
  if (result) {
    MATRICULA_CHECK(std::move(synced));
  }
  return result;
}

Result<void> PostgresSession::judge(const SentPreface& sent, ResultHandle rows) {
  sent.prepared->start(std::move(rows));
  const RowsHandle given(sent.prepared);
  return sent.preface->judge(*given);
}

Result<ResultHandle> PostgresSession::run_once(Prepared& prepared, std::span<const Bind> binds) {
  Sent sent;
  MATRICULA_CHECK(make_ready(prepared, sent));
  MATRICULA_CHECK(send(sent, binds, Ends::kHere));
  return receive(sent, Ends::kHere);
}

// Nothing was read or written yet that a second try could contradict.
bool PostgresSession::may_retry() const {
  return !in_write_ && snapshot_ != Snapshot::kBegun;
}

Result<ResultHandle> PostgresSession::run(Prepared& prepared, std::span<const Bind> binds) {
  const bool had_connection = connection_ != nullptr && !connection_->is_lost();
  const bool retries = may_retry();
  Result<ResultHandle> result = run_once(prepared, binds);
  if (result) {
    return result;
  }
  write_failed_ = write_failed_ || in_write_;
  const bool is_lost = connection_ == nullptr || connection_->is_lost();
  // A migration changed the tables: the new plan comes with a new connection.
  const bool is_stale = !is_lost && connection_->last_sqlstate() == kFeatureNotSupported;
  if (is_stale) {
    connection_->drop();
  }
  if (retries && ((is_lost && had_connection) || is_stale) &&
      result.error().code != ErrorCode::kTimeout) {
    snapshot_ = snapshot_ == Snapshot::kBegun ? Snapshot::kWanted : snapshot_;
    return run_once(prepared, binds);
  }
  return result;
}

Result<RowsHandle> PostgresSession::query(const Statement& statement, std::span<const Bind> binds) {
  MATRICULA_CHECK(check_can_run());
  if (ahead_state_ != Ahead::kNone) {
    return query_ahead(statement, binds);
  }
  Prepared& prepared = prepared_.find(statement, forgotten_);
  if (statement.size() == ResultSize::kLarge) {
    return query_large(prepared, binds);
  }
  MATRICULA_TRY(ResultHandle result, run(prepared, binds));
  prepared.start(std::move(result));
  return RowsHandle(&prepared);
}

Result<std::int64_t> PostgresSession::execute(const Statement& statement,
                                              std::span<const Bind> binds) {
  MATRICULA_CHECK(check_can_run());
  Prepared& prepared = prepared_.find(statement, forgotten_);
  MATRICULA_TRY(const ResultHandle result, run(prepared, binds));
  MATRICULA_ASSERT(prepared.description().columns.empty());
  const std::string_view count = PQcmdTuples(result.get());
  std::int64_t changed = 0;
  std::from_chars(count.data(), count.data() + count.size(), changed);
  return changed;
}

Result<ResultHandle> PostgresSession::run_text(const std::string& sql,
                                               const std::vector<Oid>& types) {
  MATRICULA_CHECK(connection_->send_text(sql, types.empty() ? kNoParameters : parameters_, types));
  MATRICULA_CHECK(connection_->send_sync());
  return receive_last(sql);
}

// Through a cursor, so that a result larger than memory is read part by part.
Result<RowsHandle> PostgresSession::query_large(Prepared& prepared, std::span<const Bind> binds) {
  MATRICULA_ASSERT(snapshot_ != Snapshot::kNone || in_write_);
  MATRICULA_CHECK(connect());
  MATRICULA_CHECK(drain());
  MATRICULA_CHECK(prepare(prepared));
  if (snapshot_ == Snapshot::kWanted) {
    MATRICULA_CHECK(run_text(kBeginText, {}));
    snapshot_ = Snapshot::kBegun;
  }
  const std::vector<Oid> types = natural_types(binds);
  parameters_.set(binds, types);
  MATRICULA_CHECK(run_text(
      fmt::format("DECLARE c{} NO SCROLL CURSOR FOR {}", prepared.name(), prepared.sql()), types));
  const std::string fetch =
      fmt::format("FETCH FORWARD {} FROM c{}", kRowsPerFetch, prepared.name());
  FetchMore more = [this, fetch, &prepared]() -> Result<ResultHandle> {
    MATRICULA_CHECK(check_can_run());
    MATRICULA_TRY(ResultHandle rows, run_text(fetch, {}));
    if (PQntuples(rows.get()) > 0) {
      return rows;
    }
    MATRICULA_CHECK(run_text("CLOSE c" + prepared.name(), {}));
    return ResultHandle();
  };
  MATRICULA_TRY(ResultHandle first, run_text(fetch, {}));
  prepared.start(std::move(first), std::move(more));
  return RowsHandle(&prepared);
}

Result<void> PostgresSession::begin_snapshot() {
  if (in_write_) {
    return {};
  }
  if (ahead_state_ != Ahead::kNone) {
    return fail(ErrorCode::kUnavailable, "A snapshot is not read ahead.");
  }
  MATRICULA_ASSERT(snapshot_ == Snapshot::kNone);
  snapshot_ = Snapshot::kWanted;
  return {};
}

void PostgresSession::end_snapshot() noexcept {
  if (in_write_) {
    return;
  }
  const bool was_begun = snapshot_ == Snapshot::kBegun;
  snapshot_ = Snapshot::kNone;
  if (!was_begun || connection_ == nullptr || connection_->is_lost()) {
    return;
  }
  // Sent and not waited for; the next statement reads the answer.
  if (connection_->send_prepared(kEnd, kNoParameters) && connection_->send_sync() &&
      connection_->flush(clock_.monotonic() + kCancelGrace)) {
    end_is_due_ = true;
  }
}

void PostgresSession::set_tenant(std::string_view company) {
  tenant_ = company;
}

}  // namespace matricula::storage::postgres
