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

// From now on the transaction of this session may stand still for as long as the rest of the work
// takes: PostgreSQL ends others after a minute.
inline Result<void> let_stand_still(Session& session) {
  static const Statement kNoLimit(
      "SELECT pg_catalog.set_config('idle_in_transaction_session_timeout', '0', true)");
  return session.dialect() == sql::Dialect::kSqlite
             ? Result<void>()
             : each_row(session, kNoLimit, {}, [](const Rows&) {});
}

// For work on the whole store, whose program may write to files and other stores meanwhile.
inline Result<SnapshotHandle> begin_long_snapshot(Session& session) {
  MATRICULA_TRY(SnapshotHandle snapshot, begin_snapshot(session));
  MATRICULA_CHECK(let_stand_still(session));
  return snapshot;
}

}  // namespace matricula::storage
