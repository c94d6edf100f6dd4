// The part of a session that sends a statement ahead of another one, or many statements together.
#include <optional>

#include "base/assert.h"
#include "base/within_memory.h"
#include "storage/postgres/drop_on_unwind.h"
#include "storage/postgres/error.h"
#include "storage/postgres/session.h"

namespace matricula::storage::postgres {

bool PostgresSession::set_guard(const GuardStatement* guard) {
  guard_ = guard;
  return true;
}

// What was sent of a batch, and what was received of it so far.
class PostgresSession::SentBatch final : public BatchRows {
 public:
  SentBatch(PostgresSession& session, const SentGuard& guard) : session_(session), guard_(guard) {
    session_.in_batch_ = true;
  }
  ~SentBatch() override {
    const bool had_memory = run_within_memory([&] {
      finish();
      while (received_ < statements_.size()) {
        receive_next();
      }
    });
    if (!had_memory) {
      session_.connection_->drop();
    }
    session_.in_batch_ = false;
  }

  std::optional<Ticket> add(std::string_view company, const Statement& statement,
                            std::span<const Bind> binds);
  // Sends what was added, once, and waits for the guard.
  void finish();

  const Result<void>& verdict() const override { return *verdict_; }
  Result<RowsHandle> rows(Ticket ticket) override;

 private:
  struct OneOf {
    Sent sent;
    std::optional<Result<ResultHandle>> result = {};  // received, and not taken yet
  };

  void receive_next();
  Result<void> send_rest();

  PostgresSession& session_;
  const SentGuard guard_;
  std::optional<Result<void>> verdict_;  // once it was sent
  std::vector<OneOf> statements_;
  std::size_t received_ = 0;  // of the statements
};

// A statement that is not prepared yet is refused: preparing it would read the answer to another
// statement of the pipeline.
std::optional<Ticket> PostgresSession::SentBatch::add(std::string_view company,
                                                      const Statement& statement,
                                                      std::span<const Bind> binds) {
  Prepared* const prepared = session_.prepared_.known(statement);
  if (statement.size() == ResultSize::kLarge || prepared == nullptr ||
      prepared->known_to() != session_.connection_number_ || session_.connection_->is_lost()) {
    return std::nullopt;
  }
  // The settings are sent only where the company changes. The time limit is that of the whole
  // batch.
  const bool sets = statements_.empty() || company != session_.sent_tenant_;
  statements_.push_back({.sent = {.prepared = prepared, .tenant = company, .sets = sets}});
  const DropOnUnwind whole(*session_.connection_);
  // Where sending fails the connection is lost, and so receiving fails too.
  static_cast<void>(session_.send(statements_.back().sent, binds, Ends::kLater));
  return Ticket{statements_.size() - 1};
}

Result<void> PostgresSession::SentBatch::send_rest() {
  const DropOnUnwind whole(*session_.connection_);
  if (!statements_.empty()) {
    MATRICULA_CHECK(session_.connection_->send_sync());
  }
  MATRICULA_TRY(ResultHandle rows, session_.receive_last(guard_.prepared->sql()));
  return check(guard_, std::move(rows));
}

void PostgresSession::SentBatch::finish() {
  if (!verdict_) {
    verdict_ = send_rest();
  }
}

void PostgresSession::SentBatch::receive_next() {
  const DropOnUnwind whole(*session_.connection_);
  OneOf& next = statements_[received_];
  const bool is_last = received_ + 1 == statements_.size();
  next.result = session_.receive(next.sent, is_last ? Ends::kHere : Ends::kLater);
  ++received_;  // where memory ran out before, it is received again: an error then
}

Result<RowsHandle> PostgresSession::SentBatch::rows(Ticket ticket) {
  const auto place = static_cast<std::size_t>(ticket);
  MATRICULA_ASSERT(place < statements_.size());
  while (received_ <= place) {
    receive_next();
  }
  OneOf& statement = statements_[place];
  MATRICULA_ASSERT(statement.result.has_value());
  Result<ResultHandle> result = *std::exchange(statement.result, std::nullopt);
  MATRICULA_TRY(ResultHandle rows, std::move(result));
  statement.sent.prepared->start(std::move(rows));
  return RowsHandle(statement.sent.prepared);
}

class PostgresSession::OpenBatch final : public Batch {
 public:
  explicit OpenBatch(std::unique_ptr<SentBatch> batch) : batch_(std::move(batch)) {}
  std::optional<Ticket> add(std::string_view company, const Statement& statement,
                            std::span<const Bind> binds) override {
    return batch_->add(company, statement, binds);
  }
  std::unique_ptr<BatchRows> send() && override {
    batch_->finish();
    return std::move(batch_);
  }

 private:
  std::unique_ptr<SentBatch> batch_;
};

// Without a connection there is no batch; the caller's single statement reports the error.
std::unique_ptr<Batch> PostgresSession::open_batch(const GuardStatement& guard) {
  MATRICULA_ASSERT(!in_write_ && snapshot_ == Snapshot::kNone && !in_batch_);
  if (!connect()) {
    return nullptr;
  }
  const DropOnUnwind whole(*connection_);
  SentGuard sent;
  const auto begin = [&]() -> Result<void> {
    MATRICULA_CHECK(drain());
    if (is_by_transaction()) {
      return fail(ErrorCode::kUnavailable, "Each transaction is sent by itself.");
    }
    MATRICULA_CHECK(make_ready(guard, sent));
    return send(sent);
  };
  return begin() ? std::make_unique<OpenBatch>(std::make_unique<SentBatch>(*this, sent)) : nullptr;
}

}  // namespace matricula::storage::postgres
