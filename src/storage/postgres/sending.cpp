// The part of a session that sends a statement with what goes before it, and receives the answers.
#include <algorithm>
#include <fmt/format.h>

#include "base/within_memory.h"
#include "storage/postgres/error.h"
#include "storage/postgres/own_statements.h"
#include "storage/postgres/session.h"

namespace matricula::storage::postgres {

// The settings of one transaction: the company, and the time limit of a statement; behind a pooler
// by transaction, all settings.
Result<void> PostgresSession::send_settings(std::string_view tenant) {
  std::int64_t timeout_ms = connector_.statement_timeout().count();
  if (deadline_ != Deadline::max()) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline_ - clock_.monotonic()).count();
    timeout_ms = std::clamp<std::int64_t>(left, 1, INT32_MAX);
  }
  timeout_text_ = fmt::to_string(timeout_ms);
  const Bind binds[] = {tenant, std::string_view(timeout_text_)};
  settings_.set(binds, kSettingsTypes);
  const bool only_reads = access_ == Access::kRead || (!tenant.empty() && !in_write_);
  sent_tenant_ = tenant;
  if (is_by_transaction()) {
    return connection_->send_text(fmt::format("SELECT {}, {}", connection_->local_settings(),
                                              only_reads ? kReadSettingsList : kSettingsList),
                                  settings_, kSettingsTypes);
  }
  return connection_->send_prepared(only_reads ? kReadSettings : kSettings, settings_);
}

Result<void> PostgresSession::send_begin(bool is_snapshot) {
  if (is_by_transaction()) {
    return connection_->send_text(is_snapshot ? kBeginText : kBeginWholeText, kNoParameters, {});
  }
  return connection_->send_prepared(kBegin, kNoParameters);
}

// With parameters_.
Result<void> PostgresSession::send_statement(const Prepared& prepared) {
  return is_by_transaction() ? connection_->send_text(prepared.sql(), parameters_,
                                                      prepared.description().parameters)
                             : connection_->send_prepared(prepared.name(), parameters_);
}

Result<void> PostgresSession::send_commit() {
  return is_by_transaction() ? connection_->send_text(kEndText, kNoParameters, {})
                             : connection_->send_prepared(kEnd, kNoParameters);
}

Result<Description> PostgresSession::describe(const std::string& sql) {
  return is_within() ? connection_->prepare("", sql, wait_limit())
                     : connection_->describe(sql, wait_limit());
}

void PostgresSession::end_failed() noexcept {
  if (!connection_->is_lost()) {
    roll_back_or_drop(wait_limit());
  }
}

// A connection on which it fails is dropped, which ends the transaction as well.
void PostgresSession::roll_back_or_drop(Deadline deadline) noexcept {
  bool is_done = false;
  run_within_memory([&] { is_done = connection_->run_script("ROLLBACK", deadline).has_value(); });
  if (!is_done) {
    connection_->drop();
  }
}

// Prepares the statement and its guard on this connection.
Result<void> PostgresSession::make_ready(Prepared& prepared, Sent& sent) {
  MATRICULA_CHECK(drain());
  MATRICULA_CHECK(prepare(prepared));
  sent = {.prepared = &prepared, .tenant = tenant_};
  if (guard_ != nullptr && may_retry()) {
    MATRICULA_CHECK(make_ready(*guard_, sent.guard));
  }
  if (!is_within()) {
    sent_tenant_.clear();
  }
  sent.begins = snapshot_ == Snapshot::kWanted;
  sent.is_whole = is_by_transaction() && !sent.begins && !is_within();
  sent.sets = is_within()
                  ? tenant_ != sent_tenant_
                  : is_by_transaction() || !tenant_.empty() || deadline_ != Deadline::max() ||
                        connector_.statement_timeout().count() != 0;
  return {};
}

Result<void> PostgresSession::make_ready(const GuardStatement& guard, SentGuard& sent) {
  sent = {.guard = &guard, .prepared = &find(guard.statement)};
  return prepare(*sent.prepared);
}

// The guard's transaction ends before the next one begins: its row locks are released, and its
// changes stay where the statement behind fails.
Result<void> PostgresSession::send(const SentGuard& sent) {
  parameters_.set(sent.guard->binds, sent.prepared->description().parameters);
  if (is_by_transaction()) {
    MATRICULA_CHECK(send_begin(false));
    MATRICULA_CHECK(send_settings({}));
  }
  MATRICULA_CHECK(send_statement(*sent.prepared));
  if (is_by_transaction()) {
    MATRICULA_CHECK(send_commit());
  }
  return connection_->send_sync();
}

Result<void> PostgresSession::send(const Sent& sent, std::span<const Bind> binds, Ends ends) {
  if (sent.guard.guard != nullptr) {
    MATRICULA_CHECK(send(sent.guard));
  }
  parameters_.set(binds, sent.prepared->description().parameters);
  if (sent.begins || sent.is_whole) {
    MATRICULA_CHECK(send_begin(sent.begins));
  }
  if (sent.sets) {
    MATRICULA_CHECK(send_settings(sent.tenant));
  }
  MATRICULA_CHECK(send_statement(*sent.prepared));
  if (sent.is_whole) {
    MATRICULA_CHECK(send_commit());
  }
  return ends == Ends::kHere ? connection_->send_sync() : Result<void>();
}

Result<ResultHandle> PostgresSession::receive(Sent& sent, Ends ends) {
  Result<ResultHandle> guard;
  Result<void> before;
  const auto note = [&before](const auto& result) {
    if (!result && before) {
      before = fail(result.error());
    }
  };
  if (sent.guard.guard != nullptr) {
    guard = receive(sent.guard);
    note(guard);
  }
  if (sent.begins || sent.is_whole) {
    note(connection_->receive(wait_limit(), kBeginText));
  }
  if (sent.sets) {
    note(connection_->receive(wait_limit(), kSettingsText));
  }
  Result<ResultHandle> result = receive_statement(sent, ends);
  if (sent.begins && !connection_->is_lost()) {
    snapshot_ = Snapshot::kBegun;
  }
  // The first failure is the one to report; those behind it follow from it.
  MATRICULA_CHECK(std::move(before));
  if (sent.guard.guard != nullptr) {
    guard_ = nullptr;
    Result<void> verdict = check(sent.guard, std::move(*guard));
    sent.guard.is_refused = !verdict;
    MATRICULA_CHECK(std::move(verdict));
  }
  return result;
}

Result<ResultHandle> PostgresSession::receive_statement(const Sent& sent, Ends ends) {
  const std::string& sql = sent.prepared->sql();
  if (!sent.is_whole) {
    return ends == Ends::kHere ? receive_last(sql) : connection_->receive(wait_limit(), sql);
  }
  Result<ResultHandle> result = connection_->receive(wait_limit(), sql);
  Result<ResultHandle> ended = receive_last(kEndText);
  if (!ended) {
    end_failed();
  }
  return result && !ended ? std::move(ended) : std::move(result);
}

Result<ResultHandle> PostgresSession::receive(const SentGuard& sent) {
  if (!is_by_transaction()) {
    return receive_last(sent.prepared->sql());
  }
  Result<void> before;
  for (const std::string* text : {&kBeginWholeText, &kSettingsText}) {
    if (const Result<ResultHandle> done = connection_->receive(wait_limit(), *text);
        !done && before) {
      before = fail(done.error());
    }
  }
  Result<ResultHandle> rows = connection_->receive(wait_limit(), sent.prepared->sql());
  const Result<ResultHandle> ended = receive_last(kEndText);
  MATRICULA_CHECK(std::move(before));
  if (rows && !ended) {
    return fail(ended.error());
  }
  return rows;
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

Result<void> PostgresSession::check(const SentGuard& sent, ResultHandle rows) {
  sent.prepared->start(std::move(rows));
  const RowsHandle given(sent.prepared);
  return sent.guard->check(*given);
}

}  // namespace matricula::storage::postgres
