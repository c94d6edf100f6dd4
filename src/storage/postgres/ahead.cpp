// The part of a session that sends statements before the answers of others came.
#include "base/assert.h"
#include "storage/postgres/error.h"
#include "storage/postgres/session.h"

namespace matricula::storage::postgres {

bool PostgresSession::set_guard(const GuardStatement* guard) {
  guard_ = guard;
  return true;
}

// Whatever is the matter with the connection, a request alone will tell.
bool PostgresSession::begin_batch(const GuardStatement& guard) {
  MATRICULA_ASSERT(!in_write_ && snapshot_ == Snapshot::kNone && ahead_.empty());
  const auto begin = [&]() -> Result<void> {
    MATRICULA_CHECK(connect());
    MATRICULA_CHECK(drain());
    if (is_by_transaction()) {
      return fail(ErrorCode::kUnavailable, "Each transaction is sent by itself.");
    }
    MATRICULA_CHECK(make_ready(guard, batch_));
    return send(batch_);
  };
  return begin().has_value();
}

void PostgresSession::start_ahead() {
  ahead_state_ = Ahead::kSending;
  ahead_before_ = ahead_.size();
}

bool PostgresSession::end_ahead() {
  ahead_state_ = Ahead::kNone;
  return ahead_.size() > ahead_before_;
}

Result<void> PostgresSession::send_batch() {
  if (!ahead_.empty()) {
    MATRICULA_CHECK(connection_->send_sync());
  }
  MATRICULA_TRY(ResultHandle rows, receive_last(batch_.prepared->sql()));
  return check(batch_, std::move(rows));
}

void PostgresSession::resume_ahead() {
  MATRICULA_ASSERT(!ahead_.empty());
  ahead_state_ = Ahead::kResuming;
  ahead_before_ = ahead_.size();
}

// An answer that was not asked for again is still in front of the next one.
void PostgresSession::leave_ahead() {
  ahead_state_ = Ahead::kNone;
  if (ahead_.size() == ahead_before_) {
    static_cast<void>(receive_ahead());
  }
}

Result<RowsHandle> PostgresSession::query_ahead(const Statement& statement,
                                                std::span<const Bind> binds) {
  if (ahead_state_ == Ahead::kSending) {
    MATRICULA_CHECK(send_ahead(statement, binds));
    return fail(ErrorCode::kUnavailable, "It was sent ahead.");
  }
  if (ahead_.size() < ahead_before_ || ahead_.front().prepared != prepared_.known(statement)) {
    return fail(ErrorCode::kUnavailable, "Something else was sent ahead.");
  }
  Prepared& prepared = *ahead_.front().prepared;
  MATRICULA_TRY(ResultHandle rows, receive_ahead());
  prepared.start(std::move(rows));
  return RowsHandle(&prepared);
}

// Preparing a statement waits for an answer, and would get another's.
Result<void> PostgresSession::send_ahead(const Statement& statement, std::span<const Bind> binds) {
  if (ahead_.size() > ahead_before_) {
    return fail(ErrorCode::kUnavailable, "A statement was sent ahead already.");
  }
  Prepared* const prepared = prepared_.known(statement);
  if (statement.size() == ResultSize::kLarge || prepared == nullptr ||
      prepared->known_to() != connection_number_ || connection_->is_lost()) {
    return fail(ErrorCode::kUnavailable, "It cannot be sent ahead.");
  }
  // What one transaction is set to is not said again: its time limit is then that of the first, who
  // has waited longest.
  const Sent sent{.prepared = prepared, .sets = ahead_.empty() || tenant_ != sent_tenant_};
  ahead_.push_back(sent);
  return send(sent, binds, Ends::kLater);
}

// What was sent first, of what was not received yet.
Result<ResultHandle> PostgresSession::receive_ahead() {
  const Sent sent = ahead_.front();
  ahead_.pop_front();
  return receive(sent, ahead_.empty() ? Ends::kHere : Ends::kLater);
}

}  // namespace matricula::storage::postgres
