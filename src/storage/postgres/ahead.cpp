// The part of a session that sends statements before the answers of others came.
#include "base/assert.h"
#include "storage/postgres/error.h"
#include "storage/postgres/session.h"

namespace matricula::storage::postgres {

bool PostgresSession::set_preface(const Preface* preface) {
  preface_ = preface;
  return true;
}

bool PostgresSession::start_ahead() {
  MATRICULA_ASSERT(!in_write_ && snapshot_ == Snapshot::kNone);
  ahead_state_ = Ahead::kSending;
  ahead_before_ = ahead_.size();
  return true;
}

bool PostgresSession::end_ahead() {
  ahead_state_ = Ahead::kNone;
  return ahead_.size() > ahead_before_;
}

void PostgresSession::resume_ahead() {
  MATRICULA_ASSERT(!ahead_.empty());
  ahead_state_ = Ahead::kResuming;
  ahead_before_ = ahead_.size();
}

// An answer that nobody asked for again still stands before the next one.
void PostgresSession::leave_ahead() {
  ahead_state_ = Ahead::kNone;
  if (ahead_.size() == ahead_before_) {
    const Sent sent = ahead_.front();
    ahead_.pop_front();
    static_cast<void>(receive(sent));
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
  const Sent sent = ahead_.front();
  ahead_.pop_front();
  MATRICULA_TRY(ResultHandle rows, receive(sent));
  sent.prepared->start(std::move(rows));
  return RowsHandle(sent.prepared);
}

// Making a connection or preparing a statement waits for an answer: that is only for the first.
Result<void> PostgresSession::send_ahead(const Statement& statement, std::span<const Bind> binds) {
  if (ahead_.size() > ahead_before_) {
    return fail(ErrorCode::kUnavailable, "A statement was sent ahead already.");
  }
  const auto is_known = [this](const Statement& each) {
    const Prepared* prepared = prepared_.known(each);
    return prepared != nullptr && prepared->known_to() == connection_number_;
  };
  const bool is_ready = connection_ != nullptr && !connection_->is_lost() && !end_is_due_ &&
                        is_known(statement) &&
                        (preface_ == nullptr || is_known(preface_->statement));
  if (statement.size() == ResultSize::kLarge || (!ahead_.empty() && !is_ready)) {
    return fail(ErrorCode::kUnavailable, "It cannot be sent ahead.");
  }
  Sent sent;
  MATRICULA_CHECK(make_ready(prepared_.find(statement, forgotten_), sent));
  MATRICULA_CHECK(send(sent, binds));
  ahead_.push_back(sent);
  return {};
}

}  // namespace matricula::storage::postgres
