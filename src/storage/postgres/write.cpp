// The part of a session that writes.
#include <fmt/format.h>

#include "base/assert.h"
#include "storage/postgres/drop_on_unwind.h"
#include "storage/postgres/error.h"
#include "storage/postgres/limits.h"
#include "storage/postgres/session.h"

namespace matricula::storage::postgres {
namespace {

// One writer of records and one of access data at a time among all nodes. The locks end with the
// transaction, however that ends. All writers take them in one order, so that none deadlocks.
const std::string kLockRecords = fmt::format("SELECT pg_advisory_xact_lock({})", kRecordsLock);
const std::string kShareStore = fmt::format("SELECT pg_advisory_xact_lock_shared({})", kWriterLock);
const std::string kLockAccess = fmt::format("SELECT pg_advisory_xact_lock({})", kAccessLock);
const std::vector<const std::string*>& lock_texts(Locks locks) {
  static const std::vector<const std::string*> kOfAll = {&kLockRecords, &kShareStore, &kLockAccess};
  static const std::vector<const std::string*> kOfRecords = {&kLockRecords, &kShareStore};
  static const std::vector<const std::string*> kOfAccess = {&kShareStore, &kLockAccess};
  switch (locks) {
    case Locks::kAll:
      return kOfAll;
    case Locks::kRecords:
      return kOfRecords;
    case Locks::kAccess:
      return kOfAccess;
  }
  return kOfAll;
}
const std::string kBeginText = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
const std::string kWaitText = "SELECT set_config('lock_timeout', $1, true)";
const std::string kMakeId = "SELECT gen_random_uuid()::text";
// Advances the counter, and writes the commit marker of this write to the slot of that number.
std::string mark_text(std::string_view counted, std::string_view slot) {
  return fmt::format(
      "WITH counted AS (UPDATE store_state SET {0} = {0} + 1 RETURNING {0} % {1} AS place) "
      "INSERT INTO store_commits(slot, id) SELECT {2}, $1 FROM counted "
      "ON CONFLICT (slot) DO UPDATE SET id = excluded.id",
      counted, kCommitMarks, slot);
}
const std::string kMark = mark_text("generation", "place");
const std::string kMarkCachesKept = mark_text("asides", "-1 - place");
const std::string kCommitText = "COMMIT";
const std::string kWasCommitted = "SELECT 1 FROM store_commits WHERE id = $1";

}  // namespace

Result<void> PostgresSession::begin_write(Locks locks, Deadline deadline) {
  MATRICULA_ASSERT(access_ == Access::kWrite && !in_write_);
  for (bool is_first = true;; is_first = false) {
    const bool had_connection = connection_ != nullptr && !connection_->is_lost();
    Result<void> begun = try_begin_write(locks, deadline);
    if (begun) {
      in_write_ = true;
      write_failed_ = false;
      sent_tenant_.clear();
      open_cursors_.clear();
      return {};
    }
    if (connection_ != nullptr && connection_->last_sqlstate() == kFeatureNotSupported) {
      connection_->drop();  // the server is a standby by now
    }
    const bool is_lost = connection_ == nullptr || connection_->is_lost();
    if (is_lost && had_connection && is_first) {
      continue;  // the server was started anew since the last write
    }
    if (!is_lost) {
      end_write(Deadline::max() == deadline ? deadline : clock_.monotonic() + kCancelGrace);
    }
    return begun;
  }
}

Result<void> PostgresSession::try_begin_write(Locks locks, Deadline deadline) {
  // A new connection is part of the wait.
  deadline_ = deadline;
  const Result<void> connected = connect();
  deadline_ = Deadline::max();
  MATRICULA_CHECK(connected);
  const DropOnUnwind whole(*connection_);
  connection_->clear_sqlstate();
  const auto left_ms = std::max<std::int64_t>(
      1,
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock_.monotonic()).count());
  const std::string limit = fmt::to_string(left_ms);
  const Bind bind[] = {std::string_view(limit)};
  const std::vector<Oid> types = {kTextOid};
  const Parameters none;
  parameters_.set(bind, types);
  const std::string settings = "SELECT " + connection_->local_settings();
  std::vector<const std::string*> texts = {&kBeginText};
  if (is_by_transaction()) {
    texts.push_back(&settings);
  }
  texts.push_back(&kWaitText);
  texts.insert(texts.end(), lock_texts(locks).begin(), lock_texts(locks).end());
  texts.push_back(&kMakeId);
  for (const std::string* text : texts) {
    const bool is_wait = text == &kWaitText;
    MATRICULA_CHECK(connection_->send_text(*text, is_wait ? parameters_ : none,
                                           is_wait ? types : std::vector<Oid>()));
  }
  MATRICULA_CHECK(connection_->send_sync());
  const Deadline wait = deadline + kCancelGrace;
  Result<void> done;
  for (const std::string* text : texts) {
    const Result<ResultHandle> result = connection_->receive(wait, *text);
    if (!result && done) {
      done = fail(result.error());
    }
    if (result && text == &kMakeId) {
      write_id_.assign(PQgetvalue(result->get(), 0, 0),
                       static_cast<std::size_t>(PQgetlength(result->get(), 0, 0)));
    }
  }
  MATRICULA_CHECK(connection_->receive_sync(wait));
  return done;
}

PostgresSession::Commit PostgresSession::commit_write(Mark mark, Error& error) {
  MATRICULA_ASSERT(in_write_ && !prepared_.is_any_running());
  deadline_ = Deadline::max();
  if (const Result<void> can = check_can_run(); !can) {
    error = can.error();
    return Commit::kFailed;
  }
  const std::string& text = mark == Mark::kGeneration ? kMark : kMarkCachesKept;
  const auto attempt = [&]() -> Result<void> {
    const DropOnUnwind whole(*connection_);
    const Bind bind[] = {std::string_view(write_id_)};
    const std::vector<Oid> types = {kTextOid};
    const Parameters none;
    parameters_.set(bind, types);
    MATRICULA_CHECK(connection_->send_text(text, parameters_, types));
    MATRICULA_CHECK(connection_->send_text(kCommitText, none, {}));
    MATRICULA_CHECK(connection_->send_sync());
    const Deadline wait = clock_.monotonic() + kCommitWait;
    const Result<ResultHandle> marked = connection_->receive(wait, text);
    const Result<ResultHandle> committed = connection_->receive(wait, kCommitText);
    MATRICULA_CHECK(connection_->receive_sync(wait));
    if (!marked) {
      return fail(marked.error());
    }
    if (!committed) {
      return fail(committed.error());
    }
    // The commit of a transaction that failed is answered with success and this tag.
    if (std::string_view(PQcmdStatus(committed->get())) != "COMMIT") {
      return fail(make_error("25P02", "the transaction had failed", kCommitText));
    }
    return {};
  };
  const Result<void> done = attempt();
  if (done) {
    in_write_ = false;
    return Commit::kDone;
  }
  error = done.error();
  return connection_->is_lost() ? Commit::kUncertain : Commit::kFailed;
}

void PostgresSession::rollback_write() noexcept {
  MATRICULA_ASSERT(!prepared_.is_any_running());
  deadline_ = Deadline::max();
  end_write(clock_.monotonic() + kCancelGrace);
}

// Ends what is open.
void PostgresSession::end_write(Deadline deadline) noexcept {
  in_write_ = false;
  if (connection_ != nullptr && !connection_->is_lost()) {
    roll_back_or_drop(deadline);
  }
}

Result<void> PostgresSession::lock_access() {
  static const Statement kLock(kLockAccess);
  MATRICULA_ASSERT(in_write_);
  MATRICULA_TRY(const RowsHandle rows, query(kLock, {}));
  MATRICULA_CHECK(rows->next());
  return {};
}

Result<bool> PostgresSession::was_committed(const std::string& id, Locks locks, Deadline deadline) {
  // Once this session holds the locks of the write in doubt, that write has ended.
  MATRICULA_CHECK(begin_write(locks, deadline));
  Result<bool> found = find_mark(id, deadline);
  rollback_write();
  return found;
}

// Whether the commit marker of that write is in the store.
Result<bool> PostgresSession::find_mark(const std::string& id, Deadline deadline) {
  const DropOnUnwind whole(*connection_);
  const Bind bind[] = {std::string_view(id)};
  const std::vector<Oid> types = {kTextOid};
  parameters_.set(bind, types);
  MATRICULA_CHECK(connection_->send_text(kWasCommitted, parameters_, types));
  MATRICULA_CHECK(connection_->send_sync());
  const Result<ResultHandle> found = connection_->receive(deadline, kWasCommitted);
  MATRICULA_CHECK(connection_->receive_sync(deadline));
  if (!found) {
    return fail(found.error());
  }
  return PQntuples(found->get()) > 0;
}

}  // namespace matricula::storage::postgres
