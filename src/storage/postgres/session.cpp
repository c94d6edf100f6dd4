#include "storage/postgres/session.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "base/assert.h"
#include "base/within_memory.h"
#include "storage/postgres/drop_on_unwind.h"
#include "storage/postgres/error.h"
#include "storage/postgres/limits.h"
#include "storage/postgres/own_statements.h"

namespace matricula::storage::postgres {
namespace {

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

// A server cancels a statement that passes its limit, and the connection stays usable. Only when
// the server does not do that either, a little later, the connection is given up.
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
  if (is_within() && connection_->is_lost()) {
    return fail(lost_error("the transaction ended with its connection"));
  }
  if (in_batch_) {
    return fail(ErrorCode::kUnavailable, "The store cannot be asked now. Try again later.",
                {.internal = "a statement while a batch is open"});
  }
  return {};
}

Result<void> PostgresSession::connect() {
  if (connection_ != nullptr && !connection_->is_lost()) {
    return {};
  }
  end_is_due_ = false;
  const std::uint64_t round_trips_before = round_trips();
  MATRICULA_TRY(connection_, connector_.connect(access_, wait_limit()));
  earlier_round_trips_ = round_trips_before;
  ++connection_number_;
  forgotten_.clear();  // they were those of the connection before
  return connection_->is_by_transaction() ? Result<void>()
                                          : connection_->prepare_all(kOwnStatements, wait_limit());
}

std::uint64_t PostgresSession::round_trips() const {
  return earlier_round_trips_ + (connection_ == nullptr ? 0 : connection_->round_trips());
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
  if (is_by_transaction()) {
    forgotten_.clear();  // the server keeps nothing
    if (prepared.known_to() != kEveryConnection) {
      MATRICULA_TRY(Description description, describe(prepared.sql()));
      prepared.set_known(kEveryConnection, std::move(description));
    }
    return {};
  }
  if (prepared.known_to() == connection_number_) {
    return {};
  }
  for (const std::string& name : std::exchange(forgotten_, {})) {
    MATRICULA_CHECK(connection_->send_text("DEALLOCATE " + name, kNoParameters, {}));
    MATRICULA_CHECK(connection_->send_sync());
    const Result<ResultHandle> done = connection_->receive(wait_limit(), name);
    MATRICULA_CHECK(connection_->receive_sync(wait_limit()));
    if (!done && connection_->last_sqlstate() != kNoSuchStatement) {
      forgotten_.push_back(name);  // the transaction had failed before
    }
    connection_->clear_sqlstate();  // of no concern to the statement that is prepared
  }
  MATRICULA_TRY(Description description,
                connection_->prepare(prepared.name(), prepared.sql(), wait_limit()));
  prepared.set_known(connection_number_, std::move(description));
  return {};
}

Result<ResultHandle> PostgresSession::run_once(Prepared& prepared, std::span<const Bind> binds,
                                               Sent& sent) {
  MATRICULA_CHECK(connect());
  const DropOnUnwind whole(*connection_);
  connection_->clear_sqlstate();
  MATRICULA_CHECK(make_ready(prepared, sent));
  MATRICULA_CHECK(send(sent, binds, Ends::kHere));
  return receive(sent, Ends::kHere);
}

// Nothing was read or written yet that a second try could contradict.
bool PostgresSession::may_retry() const {
  return !in_write_ && snapshot_ != Snapshot::kBegun;
}

// Whether the error that the server reported is to be met by a new connection.
bool PostgresSession::is_outdated(Prepared& prepared) {
  const std::string& sqlstate = connection_->last_sqlstate();
  if (is_by_transaction()) {
    prepared.set_unknown();  // its tables may have been changed
  } else if (sqlstate == kNoSuchStatement || sqlstate == kStatementExists) {
    // The name is unknown, so this is another server process: the pooler works by transaction.
    connector_.assume_by_transaction();
    return true;
  }
  // A migration changed the tables: the new plan comes with a new connection. Or the server is a
  // standby by now.
  return sqlstate == kFeatureNotSupported || (sqlstate == kReadOnly && access_ != Access::kRead);
}

Result<ResultHandle> PostgresSession::run(Prepared& prepared, std::span<const Bind> binds) {
  const bool had_connection = connection_ != nullptr && !connection_->is_lost();
  const bool retries = may_retry();
  Sent sent;
  Result<ResultHandle> result = run_once(prepared, binds, sent);
  if (result || sent.guard.is_refused) {
    return result;
  }
  write_failed_ = write_failed_ || in_write_;
  const bool is_lost = connection_ == nullptr || connection_->is_lost();
  const bool is_stale = !is_lost && is_outdated(prepared);
  if (is_stale) {
    connection_->drop();
  }
  if (retries && ((is_lost && had_connection) || is_stale) &&
      result.error().code != ErrorCode::kTimeout) {
    snapshot_ = snapshot_ == Snapshot::kBegun ? Snapshot::kWanted : snapshot_;
    return run_once(prepared, binds, sent);
  }
  return result;
}

Prepared& PostgresSession::find(const Statement& statement) {
  return prepared_.find(statement, connection_number_, forgotten_);
}

Result<RowsHandle> PostgresSession::query(const Statement& statement, std::span<const Bind> binds) {
  MATRICULA_CHECK(check_can_run());
  Prepared& prepared = find(statement);
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
  Prepared& prepared = find(statement);
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
  const DropOnUnwind whole(*connection_);
  MATRICULA_CHECK(drain());
  MATRICULA_CHECK(prepare(prepared));
  const bool begins = snapshot_ == Snapshot::kWanted;
  if (begins) {
    MATRICULA_CHECK(run_text(kBeginText, {}));
    snapshot_ = Snapshot::kBegun;
  }
  if (begins || tenant_ != sent_tenant_) {
    MATRICULA_CHECK(send_settings(tenant_));
    MATRICULA_CHECK(connection_->send_sync());
    MATRICULA_CHECK(receive_last(kSettingsText));
  }
  const std::string cursor = "c" + prepared.name();
  if (open_cursors_.contains(cursor)) {
    MATRICULA_CHECK(close_cursor(cursor));
  }
  const std::vector<Oid> types = natural_types(binds);
  parameters_.set(binds, types);
  MATRICULA_CHECK(
      run_text(fmt::format("DECLARE {} NO SCROLL CURSOR FOR {}", cursor, prepared.sql()), types));
  open_cursors_.insert(cursor);
  const std::string fetch = fmt::format("FETCH FORWARD {} FROM {}", kRowsPerFetch, cursor);
  FetchMore more = [this, fetch, cursor]() -> Result<ResultHandle> {
    MATRICULA_CHECK(check_can_run());
    const DropOnUnwind whole_part(*connection_);
    MATRICULA_TRY(ResultHandle rows, run_text(fetch, {}));
    if (PQntuples(rows.get()) > 0) {
      return rows;
    }
    MATRICULA_CHECK(close_cursor(cursor));
    return ResultHandle();
  };
  MATRICULA_TRY(ResultHandle first, run_text(fetch, {}));
  prepared.start(std::move(first), std::move(more));
  return RowsHandle(&prepared);
}

Result<void> PostgresSession::close_cursor(const std::string& cursor) {
  open_cursors_.erase(cursor);
  MATRICULA_CHECK(run_text("CLOSE " + cursor, {}));
  return {};
}

Result<void> PostgresSession::begin_snapshot() {
  if (in_write_) {
    return {};
  }
  open_cursors_.clear();
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
  bool is_sent = false;
  const bool had_memory = run_within_memory([&] {
    is_sent = send_commit() && connection_->send_sync() &&
              connection_->flush(clock_.monotonic() + kCancelGrace);
  });
  end_is_due_ = end_is_due_ || is_sent;
  if (!had_memory) {
    connection_->drop();
  }
}

void PostgresSession::set_tenant(std::string_view company) {
  tenant_ = company;
}

}  // namespace matricula::storage::postgres
