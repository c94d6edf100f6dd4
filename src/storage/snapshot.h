#pragma once

#include <memory>

#include "base/result.h"
#include "storage/database.h"
#include "storage/each_row.h"

namespace matricula::storage {

struct EndSnapshot {
  void operator()(Session* session) const noexcept { session->end_snapshot(); }
};

// While it lives, everything that its session reads is of one state of the store.
using SnapshotHandle = std::unique_ptr<Session, EndSnapshot>;

inline Result<SnapshotHandle> begin_snapshot(Session& session) {
  MATRICULA_CHECK(session.begin_snapshot());
  return SnapshotHandle(&session);
}

// Runs a statement that sets parameters of PostgreSQL for the rest of the session's transaction;
// SQLite has none.
inline Result<void> set_for_transaction(Session& session, const Statement& statement) {
  return session.dialect() == sql::Dialect::kSqlite
             ? Result<void>()
             : each_row(session, statement, {}, [](const Rows&) {});
}

// The session's transaction may be idle without limit: PostgreSQL ends others after a minute.
inline Result<void> allow_idle(Session& session) {
  static const Statement kNoLimit(
      "SELECT pg_catalog.set_config('idle_in_transaction_session_timeout', '0', true)");
  return set_for_transaction(session, kNoLimit);
}

// For work on the whole store, whose program may write to files and other stores meanwhile.
// Sessions that read plan for pages on PostgreSQL, by nested loops alone: the time of whole tables
// that are joined so grows with the square of the rows.
inline Result<SnapshotHandle> begin_long_snapshot(Session& session) {
  static const Statement kPlanForWholeTables(
      "SELECT pg_catalog.set_config('enable_hashjoin', 'on', true), "
      "pg_catalog.set_config('enable_mergejoin', 'on', true)");
  MATRICULA_TRY(SnapshotHandle snapshot, begin_snapshot(session));
  MATRICULA_CHECK(allow_idle(session));
  MATRICULA_CHECK(set_for_transaction(session, kPlanForWholeTables));
  return snapshot;
}

}  // namespace matricula::storage
